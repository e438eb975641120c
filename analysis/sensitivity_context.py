"""Settings without which a key, or all others of its section, do nothing in the experiment of sensitivity.py."""

PRIORITY = ("market.admission=priority",)
AUCTION = ("market.mechanism=uniform",)
STRIKES = ("hazards.process=true", "hazards.flood_per_year=50", "hazards.cyclone_per_year=50",
           "hazards.wildfire_per_year=50", "hazards.drought_per_year=50", "hazards.heatwave_per_year=50")

WAITING = ("workload.flexible_share=0.5", "grid.forecast=noisy")
BATTERY = ("site.Frankfurt.battery_kwh=50", "site.Frankfurt.battery_kw=25")
FAULTS = ("faults.process=true", "faults.breakers=true", "faults.site_outage_per_year=100", "faults.agent_crash_per_year=500",
          "faults.slow_agent_per_year=200", "faults.forecast_outage_per_year=100", "faults.partition_per_year=100")

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
    (FAULTS, "faults breaker"),
    (("prediction.enabled=true", "fund.carbon_share=0.5", "prediction.period=6h"), "prediction"),
    (("value.form=product",), "value"),
    (("allocation.rule=climate",), "allocation"),
    (("quota.enabled=true",), "quota"),
    (("council.seats=3", "council.threshold=0.3"), "council"),
    (("council.seats=3", "council.threshold=0.3", "bus.enabled=true"), "bus"),
    (("monitor.enabled=true",), "monitor"),
    (("reputation.enabled=true", "fund.carbon_share=0.5"), "reputation"),
    ((*WAITING, "schedule.strategy=non-interrupting"), "schedule workload.flexible_share workload.flexibility"),
    ((*WAITING, "schedule.strategy=carbon"), "schedule.green_quantile"),
    ((*WAITING, "schedule.strategy=threshold"), "schedule.threshold schedule.threshold_memory"),
    (("context.strategy=preemptive",), "context"),
    (("context.strategy=preemptive", "context.warn_share=0.5", "context.handover_share=0.7", "context.emergency_share=0.9"),
     "context.warn_share context.handover_share"),
    (("context.strategy=preemptive", "context.warn_share=0.4", "context.handover_share=0.5", "context.emergency_share=0.7"),
     "context.emergency_share"),
    ((*BATTERY, "grid.forecast=noisy"), "battery site.NAME.battery_efficiency"),
    (("regeneration.elasticity=0.5",), "regeneration"),
    (("energy.allowance=true",), "energy"),
    (("site.Frankfurt.heat_reuse=0.5",), "site.NAME.heat_displaced_g_per_kwh"),
    (("balance.policy=min-total-energy",), "balance.delay_joules_per_s"),
    (("network.joules_per_byte=1e-5", "network.bytes_per_s=1e7"), "network.bytes_per_tok"),
)
WITH = {key: settings for settings, keys in CONTEXTS for key in keys.split()}


def settings_for(key):
    """What a key needs, or else its section."""
    return WITH.get(key, WITH.get(key.split(".")[0], ()))
