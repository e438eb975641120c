#pragma once
#include "sim/core/params.hpp"

/// Credit and allowances: lending, futures, quotas, demurrage, appreciation.
namespace swarm {
namespace economy {

struct LendingParams {
  bool enabled = false;
  double rate_per_h = 0;
  double slope_per_h = 6e-6;
  double steep_slope_per_h = 3.4e-4;
  double kink = 0.8;
  Duration reserve{2 * 86400.0};
  Duration memory{86400.0};
  double deposit_share_per_h = 0.1;
  double repay_share_per_h = 0.5;
  double credit_multiple = 2;
  Duration newcomer_credit{7 * 86400.0};
  Duration term{7 * 86400.0};
  Duration grace{2 * 86400.0};
  Duration barred{30 * 86400.0};
};

template <class V>
void describe(V& v, LendingParams& p) {
  v("enabled", p.enabled, {.unit = "", .doc = "Whether specialists with money to spare lend to those without, region by region."});
  v("rate_per_h", p.rate_per_h, {.unit = "1/h", .min = 0, .max = 1, .doc = "Interest on a loan while nothing of the lender pool is lent.", .source = kAssumed});
  v("slope_per_h", p.slope_per_h, {.unit = "1/h", .min = 0, .max = 1, .doc = "Rise of the interest rate per unit of utilisation up to the kink; the default makes 4 % a year at the kink.", .source = kAssumed});
  v("steep_slope_per_h", p.steep_slope_per_h, {.unit = "1/h", .min = 0, .max = 1, .doc = "Rise of the interest rate per unit of utilisation above the kink; the default adds 60 % a year at full utilisation.", .source = kAssumed});
  v("kink", p.kink, {.unit = "1", .min = 0, .max = 1, .doc = "Utilisation of the lender pool above which interest rises steeply.", .source = kAssumed});
  v("reserve", p.reserve, {.unit = "s", .min = 0, .doc = "How long a wallet must pay the specialist's bills before anything in it is lent or used to repay early.", .source = kAssumed});
  v("memory", p.memory, {.unit = "s", .min = 0, .doc = "Time constant with which a specialist's bills and earnings are smoothed: what it needs and what it may owe go by them, and so does demurrage.", .source = kAssumed});
  v("deposit_share_per_h", p.deposit_share_per_h, {.unit = "1/h", .min = 0, .max = 1e6, .doc = "Part of what a wallet holds above its need that a specialist without debt lends per hour, at most all of it in a step.", .source = kAssumed});
  v("repay_share_per_h", p.repay_share_per_h, {.unit = "1/h", .min = 0, .max = 1e6, .doc = "Part of what a wallet holds above its need that a borrower repays per hour, at most all of it in a step; all of it once the loan is due.", .source = kAssumed});
  v("credit_multiple", p.credit_multiple, {.unit = "1", .min = 0, .max = 1e6, .doc = "Largest debt of a specialist over what it earned lately, where earnings fade with lending.memory.", .source = kAssumed});
  v("newcomer_credit", p.newcomer_credit, {.unit = "s", .min = 0, .doc = "What a specialist is taken to have earned before the start: what its part of idle servers costs in so long. It fades as earnings do; without it, who cannot sell could never borrow.", .source = kAssumed});
  v("term", p.term, {.unit = "s", .min = 0, .doc = "Time from the first money of a loan until it is due; money added to the loan is due at the same time.", .source = kAssumed});
  v("grace", p.grace, {.unit = "s", .min = 0, .doc = "How long a loan may be overdue before it is in default.", .source = kAssumed});
  v("barred", p.barred, {.unit = "s", .min = 0, .doc = "How long a specialist gets no loan after a default.", .source = kAssumed});
}

struct FuturesParams {
  bool enabled = false;
  Duration period{86400.0};
  double hedge_share = 0.5;
  double users_hedge_share = 0.5;
  Duration memory{3 * 86400.0};
  double forecast_error = 0.05;
  double buyer_premium = 0.02;
  double seller_premium = 0.02;
  double units_per_contract = 1000;
  double initial_margin = 0.2;
  double maintenance_margin = 0.1;
};

template <class V>
void describe(V& v, FuturesParams& p) {
  v("enabled", p.enabled, {.unit = "", .doc = "Whether specialists sell the next period's capacity forward to their region's users, market by market."});
  v("period", p.period, {.unit = "s", .min = 1, .doc = "Time that a contract is about; one is sold a period before it begins and settled when it ends. Periods are counted in UTC."});
  v("hedge_share", p.hedge_share, {.unit = "1", .min = 0, .max = 10, .doc = "Part of its expected income that a specialist sells forward.", .source = kAssumed});
  v("users_hedge_share", p.users_hedge_share, {.unit = "1", .min = 0, .max = 10, .doc = "Part of their expected spending that a region's users buy forward.", .source = kAssumed});
  v("memory", p.memory, {.unit = "s", .min = 0, .doc = "Time constant of the expected price, of expected income and of expected spending.", .source = kAssumed});
  v("forecast_error", p.forecast_error, {.unit = "1", .min = 0, .max = 10, .doc = "Standard deviation of what each trader takes for the expected price, over that price.", .source = kAssumed});
  v("buyer_premium", p.buyer_premium, {.unit = "1", .min = 0, .max = 1, .doc = "Risk premium of users: how much more than the price they expect they would agree on.", .source = kAssumed});
  v("seller_premium", p.seller_premium, {.unit = "1", .min = 0, .max = 1, .doc = "Risk premium of specialists: how much less than the price they expect they would agree on.", .source = kAssumed});
  v("units_per_contract", p.units_per_contract, {.unit = "1", .min = 0, .max = 1e9, .min_open = true, .doc = "Standard units of capacity that one contract is about.", .source = kAssumed});
  v("initial_margin", p.initial_margin, {.unit = "1", .min = 0, .max = 1, .doc = "Security over the value of the position when it is opened and after a margin call.", .source = kAssumed});
  v("maintenance_margin", p.maintenance_margin, {.unit = "1", .min = 0, .max = 1, .doc = "Security over the value of the position below which the owner is called, and liquidated if it cannot pay; at most the initial margin.", .source = kAssumed});
}

struct QuotaParams {
  bool enabled = false;
  double capacity_share = 1;
  double prior_answers = 10;
  double ask_share = 0.2;
  double efficient_from = 0.8;
  double bonus_share = 0.1;
  double tradeable_share = 0.5;
  double pool_share = 0.05;
};

template <class V>
void describe(V& v, QuotaParams& p) {
  v("enabled", p.enabled, {.unit = "", .doc = "Whether specialists may serve only as many tok in a day as they were given."});
  v("capacity_share", p.capacity_share, {.unit = "1", .min = 0, .max = 1e6, .doc = "Quota that a region gives out in a day, bonuses included, over the tok that its sites can serve in a day.", .source = kAssumed});
  v("prior_answers", p.prior_answers, {.unit = "1", .min = 0, .max = 1e6, .min_open = true, .doc = "Number of answers for which the accuracy of the base specialist counts in the quality that is expected of a specialist, beside its own answers.", .source = kAssumed});
  v("ask_share", p.ask_share, {.unit = "1", .min = 0, .max = 1e6, .doc = "Least price at which a specialist sells quota, over what a tok leaves it above cost at the baseline price; that is what a buyer pays at most.", .source = kAssumed});
  v("efficient_from", p.efficient_from, {.unit = "1", .min = 0, .max = 1, .doc = "Efficiency (mean of expected quality × utilisation over the last ten uses) above which a specialist earns a bonus of quota.", .source = kAssumed});
  v("bonus_share", p.bonus_share, {.unit = "1", .min = 0, .max = 10, .doc = "Bonus of quota over the day's allocation.", .source = kAssumed});
  v("tradeable_share", p.tradeable_share, {.unit = "1", .min = 0, .max = 1, .doc = "Part of a bonus that may be offered to others.", .source = kAssumed});
  v("pool_share", p.pool_share, {.unit = "1", .min = 0, .max = 10, .doc = "Most that all bonuses of a day together may be, over all allocations; beyond it they are scaled down.", .source = kAssumed});
}

struct DemurrageParams {
  double rate_per_day = 0;
  Duration allowance{30 * 86400.0};
};

template <class V>
void describe(V& v, DemurrageParams& p) {
  v("rate_per_day", p.rate_per_day, {.unit = "1/d", .min = 0, .max = 1, .doc = "Charge on the part of a wallet above the free allowance; 0 charges nothing.", .source = kAssumed});
  v("allowance", p.allowance, {.unit = "s", .min = 0, .doc = "How long a wallet may pay the specialist's bills before the rest of it is charged.", .source = kAssumed});
}

struct AppreciationParams {
  bool enabled = false;
  std::int64_t first_uses = 100;
  std::int64_t second_uses = 1000;
  std::int64_t third_uses = 10000;
  double first_factor = 10;
  double second_factor = 3;
  double third_factor = 2;
  double largest_factor = 10;
};

template <class V>
void describe(V& v, AppreciationParams& p) {
  v("enabled", p.enabled, {.unit = "", .doc = "Whether early contributions of a specialist count for more than later ones."});
  v("first_uses", p.first_uses, {.unit = "1", .min = 0, .max = 1e15, .doc = "How many uses of a specialist are valued by the first factor.", .source = kAssumed});
  v("second_uses", p.second_uses, {.unit = "1", .min = 0, .max = 1e15, .doc = "Up to which use, counted from the first, the second factor holds.", .source = kAssumed});
  v("third_uses", p.third_uses, {.unit = "1", .min = 0, .max = 1e15, .doc = "Up to which use, counted from the first, the third factor holds; later uses have factor 1.", .source = kAssumed});
  v("first_factor", p.first_factor, {.unit = "1", .min = 1, .max = 1e6, .doc = "Factor on the value of a specialist's first uses.", .source = kAssumed});
  v("second_factor", p.second_factor, {.unit = "1", .min = 1, .max = 1e6, .doc = "Factor on the value of the uses after them.", .source = kAssumed});
  v("third_factor", p.third_factor, {.unit = "1", .min = 1, .max = 1e6, .doc = "Factor on the value of the uses after those.", .source = kAssumed});
  v("largest_factor", p.largest_factor, {.unit = "1", .min = 1, .max = 1e6, .doc = "Cap on the factor.", .source = kAssumed});
}

}  // namespace economy
}  // namespace swarm
