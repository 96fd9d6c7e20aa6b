"""FpML documents written from a few facts; structure by the FpML 5 recommendation, confirmation view."""

HEAD = '<?xml version="1.0"?>\n<dataDocument xmlns="http://www.fpml.org/FpML-5/confirmation" fpmlVersion="5-10">\n'
PARTIES = '<party id="us"><partyId>US</partyId></party><party id="them"><partyId>THEM</partyId></party>\n</dataDocument>'


def centers(names):
    return (
        "<businessCenters>"
        + "".join(f"<businessCenter>{n}</businessCenter>" for n in names.split())
        + "</businessCenters>"
    )


def adjustments(rule, names):
    return f"<businessDayConvention>{rule}</businessDayConvention>" + (
        centers(names) if rule != "NONE" else ""
    )


def frequency(tenor, roll=""):
    unit = tenor[-1]
    end = f"<rollConvention>{roll}</rollConvention>" if roll else ""
    return f"<periodMultiplier>{tenor[:-1]}</periodMultiplier><period>{unit}</period>{end}"


def sides(payer, what="payer receiver"):
    one, other = what.split()
    receiver = "them" if payer == "us" else "us"
    return f'<{one}PartyReference href="{payer}"/><{other}PartyReference href="{receiver}"/>'


def stream(
    payer, start, end, period, *, fixed=None, index=None, tenor=None, pay=None, names="EUTA", day_count="ACT/360", notional=1e6,
    currency="EUR", roll=None, lag=None, inside="", method="", resets=None, edges="", extra="", steps="", name="swapStream",
):  # fmt: skip
    roll = roll or str(int(start[-2:]))
    offset = ""
    if lag:
        offset = (
            f"<paymentDaysOffset>{frequency(lag)}<dayType>Business</dayType></paymentDaysOffset>"
        )
    rate = f"<fixedRateSchedule><initialValue>{fixed}</initialValue>{steps}</fixedRateSchedule>"
    reset = ""
    if fixed is None:
        own = f"<indexTenor>{frequency(tenor)}</indexTenor>" if tenor else ""
        rate = f"<floatingRateCalculation><floatingRateIndex>{index}</floatingRateIndex>{own}{inside}</floatingRateCalculation>"
        fixing = (
            "<fixingDates><periodMultiplier>-2</periodMultiplier><period>D</period></fixingDates>"
            if tenor
            else ""
        )
        reset = (
            "<resetDates><resetRelativeTo>CalculationPeriodStartDate</resetRelativeTo>"
            f"{fixing}<resetFrequency>{frequency(resets or period)}</resetFrequency></resetDates>"
        )
    compounding = f"<compoundingMethod>{method}</compoundingMethod>" if method else ""
    rolled = adjustments("MODFOLLOWING", names)
    none = adjustments("NONE", "")
    return f"""<{name}>{sides(payer)}
<calculationPeriodDates>
<effectiveDate><unadjustedDate>{start}</unadjustedDate><dateAdjustments>{none}</dateAdjustments></effectiveDate>
<terminationDate><unadjustedDate>{end}</unadjustedDate><dateAdjustments>{rolled}</dateAdjustments></terminationDate>
<calculationPeriodDatesAdjustments>{rolled}</calculationPeriodDatesAdjustments>{edges}
<calculationPeriodFrequency>{frequency(period, roll)}</calculationPeriodFrequency></calculationPeriodDates>
<paymentDates><paymentFrequency>{frequency(pay or period)}</paymentFrequency>
<payRelativeTo>CalculationPeriodEndDate</payRelativeTo>{offset}
<paymentDatesAdjustments>{rolled}</paymentDatesAdjustments></paymentDates>{reset}
<calculationPeriodAmount><calculation><notionalSchedule><notionalStepSchedule><initialValue>{notional}</initialValue>
<currency>{currency}</currency></notionalStepSchedule></notionalSchedule>{rate}
<dayCountFraction>{day_count}</dayCountFraction>{compounding}</calculation></calculationPeriodAmount>{extra}</{name}>"""


def document(product, trade_id="T1"):
    identifier = f"<partyTradeIdentifier><partyReference href='us'/><tradeId>{trade_id}</tradeId></partyTradeIdentifier>"
    return f"{HEAD}<trade><tradeHeader>{identifier}</tradeHeader>{product}</trade>{PARTIES}"


def payment(payer, amount, day, name="premium"):
    rolled = adjustments("FOLLOWING", "EUTA")
    return f"""<{name}>{sides(payer)}<paymentAmount><currency>EUR</currency><amount>{amount}</amount></paymentAmount>
<paymentDate><unadjustedDate>{day}</unadjustedDate><dateAdjustments>{rolled}</dateAdjustments></paymentDate></{name}>"""


def exercise(*days):
    """European where there is one day."""
    stated = "".join(f"<unadjustedDate>{day}</unadjustedDate>" for day in days)
    rolled = f"<dateAdjustments>{adjustments('FOLLOWING', 'EUTA')}</dateAdjustments>"
    if len(days) == 1:
        inner = (
            f"<expirationDate><adjustableDate>{stated}{rolled}</adjustableDate></expirationDate>"
        )
        return f"<europeanExercise>{inner}</europeanExercise>"
    inner = f"<bermudaExerciseDates><adjustableDates>{stated}{rolled}</adjustableDates></bermudaExerciseDates>"
    return f"<bermudaExercise>{inner}</bermudaExercise>"


def swaption(right, swap, buyer="us", premium="", more=""):
    return f"<swaption>{sides(buyer, 'buyer seller')}{premium}{right}{more}{swap}</swaption>"


def cancelable(right, buyer="us"):
    return f"<cancelableProvision>{sides(buyer, 'buyer seller')}{right}</cancelableProvision>"
