"""Settings without which a key, or all others of its section, do nothing in the experiment of sensitivity.py."""

PRIORITY = ("market.admission=priority",)
AUCTION = ("market.mechanism=uniform",)
STRIKES = ("hazards.process=true", "hazards.flood_per_year=50", "hazards.cyclone_per_year=50",
           "hazards.wildfire_per_year=50", "hazards.drought_per_year=50", "hazards.heatwave_per_year=50")

# (settings, the keys or sections that need them)
CONTEXTS = (
    (("grid.forecast=noisy",), "grid.forecast_sigma0 grid.forecast_sigma24 grid.forecast_correlation"),
    (("grid.forecast=seasonal-ar",), "grid.forecast_memory grid.forecast_history"),
    (("regions=[BD,KE,DE,IN]",), "hardware.default_pue"),
    (PRIORITY, "market.full_priority policy.priority_south policy.priority_renewable purpose.NAME.priority"),
    ((*PRIORITY, "region.DE.vulnerability=0.45"), "policy.vulnerable_from policy.priority_vulnerable"),
    (("pricing.rule=means-tested",), "policy.need_income_low_usd policy.need_income_high_usd "
     "policy.need_vulnerability_low policy.need_vulnerability_high region.NAME.vulnerability"),
    (("pricing.base=tariff",), "pricing.tariff_usd_per_tok pricing.tariff_kwh_per_tok"),
    (("pricing.rule=legacy",), "pricing.legacy_benefit"),
    (("pricing.carbon_price=path",), "pricing.carbon_growth_per_year"),
    (AUCTION, "market.price_share market.price_move market.minimum_balance_tkn"),
    ((*AUCTION, "market.buyers=mark-up"), "bidding.markup"),
    ((*AUCTION, "market.buyers=zi-constrained", "market.sellers=zi-constrained"), "bidding.ceiling"),
    ((*AUCTION, "market.buyers=zip", "market.sellers=zip"), "bidding"),
    ((*AUCTION, "lending.enabled=true"), "lending"),
    (("demurrage.rate_per_day=0.01",), "demurrage"),
    (("appreciation.enabled=true", "fund.carbon_share=0.5"), "appreciation"),
    ((*PRIORITY, *STRIKES), "hazards emergency"),
    (("futures.enabled=true",), "futures"),
    (("prediction.enabled=true", "fund.carbon_share=0.5", "prediction.period=6h"), "prediction"),
    (("value.form=product",), "value"),
    (("allocation.rule=climate",), "allocation"),
    (("quota.enabled=true",), "quota"),
    (("council.seats=3", "council.threshold=0.3"), "council"),
    (("reputation.enabled=true", "fund.carbon_share=0.5"), "reputation"),
)
WITH = {key: settings for settings, keys in CONTEXTS for key in keys.split()}


def settings_for(key):
    """What a key needs, or else its section."""
    return WITH.get(key, WITH.get(key.split(".")[0], ()))
