"""ORE trades in XML, from their parts."""


def rules(start, end, tenor, calendar="TARGET", convention="MF", rule="Forward", more=""):
    return (
        f"<ScheduleData><Rules><StartDate>{start}</StartDate><EndDate>{end}</EndDate>"
        f"<Tenor>{tenor}</Tenor><Calendar>{calendar}</Calendar><Convention>{convention}</Convention>"
        f"<TermConvention>{convention}</TermConvention><Rule>{rule}</Rule>{more}</Rules></ScheduleData>"
    )


def fixed(schedule, rate="0.02", payer="true", notional="10000000", count="30/360", more=""):
    return (
        f"<LegData><LegType>Fixed</LegType><Payer>{payer}</Payer><Currency>EUR</Currency>"
        f"<Notionals><Notional>{notional}</Notional></Notionals><DayCounter>{count}</DayCounter>"
        f"<PaymentConvention>F</PaymentConvention>{more}"
        f"<FixedLegData><Rates><Rate>{rate}</Rate></Rates></FixedLegData>{schedule}</LegData>"
    )


def floating(
    schedule, index="EUR-EURIBOR-6M", payer="false", notional="10000000", more="", currency="EUR"
):
    return (
        f"<LegData><LegType>Floating</LegType><Payer>{payer}</Payer><Currency>{currency}</Currency>"
        f"<Notionals><Notional>{notional}</Notional></Notionals><DayCounter>A360</DayCounter>"
        "<PaymentConvention>MF</PaymentConvention><FloatingLegData>"
        f"<Index>{index}</Index><Spreads><Spread>0.0</Spread></Spreads>{more}"
        f"</FloatingLegData>{schedule}</LegData>"
    )


def option(dates, style="Bermudan", holder="Long", settlement="Physical", more=""):
    days = "".join(f"<ExerciseDate>{day}</ExerciseDate>" for day in dates)
    return (
        f"<OptionData><LongShort>{holder}</LongShort><OptionType>Call</OptionType>"
        f"<Style>{style}</Style><Settlement>{settlement}</Settlement>"
        f"<PayOffAtExpiry>false</PayOffAtExpiry><ExerciseDates>{days}</ExerciseDates>{more}</OptionData>"
    )


def trade(name, kind, data, element=None):
    element = element or f"{kind}Data"
    return (
        f'<Trade id="{name}"><TradeType>{kind}</TradeType>'
        "<Envelope><CounterParty>A</CounterParty><NettingSetId>A</NettingSetId></Envelope>"
        f"<{element}>{data}</{element}></Trade>\n"
    )


def portfolio(path, *trades):
    path.write_text('<?xml version="1.0"?>\n<Portfolio>\n' + "".join(trades) + "</Portfolio>\n")
    return path
