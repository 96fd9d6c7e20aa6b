// Prices of the rows of a CSV file by the graph in a bundle, without Python: the C API of ONNX Runtime (opset 18).
//
//     g++ -std=c++17 -O2 price.cpp -I$ORT/include -L$ORT/lib -lonnxruntime -o price
//     ./price ../../src/neuralrates/bundles/shipped/bermudan/surrogate.onnx points.csv
//
// Prints one line a row: price per unit notional, derivative to the last input, and whether the certificate holds there.
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "onnxruntime_c_api.h"

static const OrtApi* api = OrtGetApiBase()->GetApi(ORT_API_VERSION);

static void check(OrtStatus* status) {
  if (status == nullptr) return;
  std::fprintf(stderr, "%s\n", api->GetErrorMessage(status));
  std::exit(1);
}

int main(int count, char** arguments) {
  if (count != 3) return std::fprintf(stderr, "price GRAPH POINTS\n"), 1;
  std::ifstream file(arguments[2]);
  std::string line, cell;
  std::getline(file, line);  // names of the inputs
  std::vector<double> x;
  int64_t rows = 0;
  for (; std::getline(file, line); ++rows)
    for (std::stringstream cells(line); std::getline(cells, cell, ',');) x.push_back(std::stod(cell));
  const int64_t inputs = rows ? static_cast<int64_t>(x.size()) / rows : 0;

  OrtEnv* environment;
  OrtSessionOptions* options;
  OrtSession* session;
  OrtMemoryInfo* memory;
  check(api->CreateEnv(ORT_LOGGING_LEVEL_ERROR, "price", &environment));
  check(api->CreateSessionOptions(&options));
  check(api->SetIntraOpNumThreads(options, 1));
  check(api->CreateSession(environment, arguments[1], options, &session));
  check(api->CreateCpuMemoryInfo(OrtArenaAllocator, OrtMemTypeDefault, &memory));

  const int64_t shape[] = {rows, inputs};
  OrtValue* points = nullptr;
  check(api->CreateTensorWithDataAsOrtValue(memory, x.data(), x.size() * sizeof(double), shape, 2,
                                            ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE, &points));
  const char* in[] = {"x"};
  const char* out[] = {"value", "jacobian", "in_domain"};
  const OrtValue* given[] = {points};
  OrtValue* answers[] = {nullptr, nullptr, nullptr};
  check(api->Run(session, nullptr, in, given, 1, out, 3, answers));
  double *value, *jacobian;
  bool* inside;
  check(api->GetTensorMutableData(answers[0], reinterpret_cast<void**>(&value)));
  check(api->GetTensorMutableData(answers[1], reinterpret_cast<void**>(&jacobian)));
  check(api->GetTensorMutableData(answers[2], reinterpret_cast<void**>(&inside)));
  for (int64_t k = 0; k < rows; ++k)
    std::printf("%.12f,%.12f,%d\n", value[k], jacobian[(k + 1) * inputs - 1], inside[k] ? 1 : 0);
}
