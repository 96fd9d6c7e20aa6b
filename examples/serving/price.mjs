// Prices of the rows of a CSV file by the graph in a bundle, without Python.
//
//     npm install onnxruntime-web
//     node price.mjs ../../src/neuralrates/bundles/shipped/bermudan/surrogate.onnx points.csv
//
// Prints one line a row: price per unit notional, derivative to the last input, and whether the certificate holds there.
import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-web";

const [graph, file] = process.argv.slice(2);
const [header, ...lines] = readFileSync(file, "utf8").trim().split("\n");
const inputs = header.split(",").length;
const rows = lines.flatMap((line) => line.split(",").map(Number));

ort.env.wasm.numThreads = 1;
const session = await ort.InferenceSession.create(new Uint8Array(readFileSync(graph)));
const x = new ort.Tensor("float64", Float64Array.from(rows), [lines.length, inputs]);
const { value, jacobian, in_domain } = await session.run({ x });
lines.forEach((_, k) => {
  const slope = jacobian.data[k * inputs + inputs - 1];
  console.log(`${value.data[k].toFixed(12)},${slope.toFixed(12)},${in_domain.data[k] ? 1 : 0}`);
});
