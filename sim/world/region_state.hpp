#pragma once
#include <array>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/economy/call_auction.hpp"
#include "sim/economy/ledger.hpp"
#include "sim/economy/lending.hpp"
#include "sim/economy/mechanism.hpp"
#include "sim/hardware/server_pool.hpp"
#include "sim/workload/requests.hpp"
#include "sim/world/allowances.hpp"
#include "sim/world/collaboration.hpp"
#include "sim/world/context.hpp"
#include "sim/world/council.hpp"
#include "sim/world/credit_account.hpp"
#include "sim/world/emergency.hpp"
#include "sim/world/energy_account.hpp"
#include "sim/world/faults.hpp"
#include "sim/world/held.hpp"
#include "sim/world/instruments.hpp"
#include "sim/world/messages.hpp"
#include "sim/world/permit_account.hpp"
#include "sim/world/plan.hpp"
#include "sim/world/waiting.hpp"

/// All that a region knows and owns, as columns. A phase reads what earlier phases and the last step left
/// here and writes its own rows; nothing else of a region exists. Columns are declared in fields.hpp.
namespace swarm {
namespace world {

/// Rows of a region's ledger before those of its agents.
inline constexpr AccountId kUsersAccount{0};
inline constexpr AccountId kEscrowAccount{1};
inline constexpr AccountId kFundAccount{2};      ///< the region's part of the justice fund
inline constexpr AccountId kTreasuryAccount{3};  ///< carbon revenue that does not go to the fund
inline constexpr AccountId kLenderAccount{4};    ///< what the lender pool has not lent
inline constexpr AccountId kMarginAccount{5};    ///< security for futures
/// The maker of a problem type's prediction market.
inline AccountId maker_account(std::size_t type) { return AccountId{6 + type}; }
inline constexpr AccountId kCreditsAccount{6 + workload::kProblemTypes};  ///< collected for carbon credits and not yet paid for them
inline constexpr std::uint64_t kFirstAgentAccount = 7 + workload::kProblemTypes;
/// Users of a region who learn together, as one bidder: a number that no specialist has.
inline std::uint64_t users_as_bidder(RegionId region, std::size_t row) {
  return (std::uint64_t{region.value} << 48) | (std::uint64_t{1} << 47) | row;
}
inline AccountId agent_account(std::uint64_t local) { return AccountId{kFirstAgentAccount + local}; }

/// Answered requests are counted by problem type and complexity bucket.
inline constexpr std::size_t kCells = workload::kProblemTypes * workload::kComplexityBuckets;
constexpr std::size_t cell(std::size_t type, std::size_t bucket) {
  return type * workload::kComplexityBuckets + bucket;
}
/// Delays are counted in bins of an eighth of an octave from 2^-10 s on.
inline constexpr std::size_t kDelayBins = 256;
std::size_t delay_bin(double seconds);
double delay_bin_start(std::size_t bin);

/// The region's specialists; row = local part of the AgentId.
struct AgentColumns {
  std::vector<std::uint32_t> model;  ///< row of the weight store
  std::vector<std::uint32_t> site;   ///< global site row
  std::vector<std::uint8_t> type;
  std::vector<float> markup;
  std::vector<std::int64_t> energy_nj;       ///< metered this step, server side
  std::vector<std::int64_t> bill_remainder;  ///< part of the energy bill below 1 µTKN, carried over
  std::vector<std::int64_t> arrears;         ///< bills that the wallet could not pay yet [µTKN]
  std::vector<double> metered_kwh;           ///< since the start of the run, server side
  std::vector<std::int64_t> earned;          ///< since the start of the run [µTKN]
  std::vector<std::uint32_t> answered;
  std::vector<std::uint32_t> correct;
  std::vector<double> margin, momentum;      ///< what an adaptive bidder has learnt to ask above its cost
  std::vector<std::int64_t> posted;          ///< work of its last ask in a book, millionths of a standard request
  std::size_t size() const { return model.size(); }
};

/// What is known of the specialists' credit; row as in AgentColumns. Columns of what is switched off stay empty.
struct CreditColumns {
  std::vector<std::int64_t> bills_per_day;  ///< smoothed [µTKN]; kept for lending and demurrage
  std::vector<std::int64_t> earned_lately;  ///< what was paid, each weighted by e^(−age/memory) [µTKN]; for lending
  std::vector<std::int64_t> demurrage_remainder;  ///< parts of a µTKN, carried over
  economy::LendingColumns lending;
  std::int64_t defaulted = 0;  ///< principal of loans that ended in default, since the start [µTKN]
};

/// Requests admitted and not yet settled, at the region that serves them.
struct FlightColumns {
  std::vector<double> arrival_s, start_s, finish_s;  ///< absolute; finish is when the gang is free again
  std::vector<double> service_s;                     ///< without multiplicity
  std::vector<double> at_once_s;  ///< when service would have started had it not been held back; −1 if its users cannot wait
  std::vector<double> worked_s;   ///< occupancy of its pieces before this one
  std::vector<double> left_s;     ///< occupancy still to come after this piece; 0: this is the last
  std::vector<double> carbon_location_g, carbon_market_g;
  std::vector<std::int64_t> metered_nj;              ///< server side, so far
  std::vector<std::int64_t> price, reserved, grant, reserved_grant, carbon, premium, work, market_price;  ///< as in Outcome
  std::vector<std::int64_t> permits_mg, permits_used_mg;  ///< as in Outcome
  std::vector<std::int64_t> credits_mg, credits;  ///< carbon credits needed, and what of the due is for them [µTKN]
  std::vector<double> wtp_usd;
  std::vector<std::int64_t> estimate_uj;        ///< set aside of its specialist's allowance of energy
  std::vector<std::uint32_t> passes;            ///< over the weights, of all who answer; 0 without allowances
  std::vector<std::uint32_t> arrival_step, sequence, agent, site, tok, bank_item;
  std::vector<float> deadline_s;
  std::vector<std::uint16_t> asker;
  std::vector<std::uint8_t> type, bucket, purpose, correct, emergency;
  std::vector<std::uint8_t> seats;              ///< as in Order
  std::vector<std::uint32_t> coalitions_right;  ///< of a council, as dispatch::coalitions_right says; else 0
  std::vector<std::uint8_t> lost;               ///< 1: no answer will come, because of a fault
  std::vector<std::uint8_t> agent_probe, site_probe;  ///< the round of a circuit breaker whose probe it is; 0: of none
  std::vector<double> held_s;                   ///< by which its answer is later than its servers' clock says
  std::size_t size() const { return arrival_s.size(); }

  auto columns() {
    return std::tie(arrival_s, start_s, finish_s, service_s, at_once_s, worked_s, left_s, carbon_location_g, carbon_market_g, metered_nj, price,
                    reserved, grant, reserved_grant, carbon, premium, wtp_usd, work, market_price, permits_mg,
                    permits_used_mg, credits_mg, credits, estimate_uj, passes, arrival_step, sequence, agent, site, tok,
                    bank_item, deadline_s, asker, type, bucket, purpose, correct, emergency, seats,
                    coalitions_right, lost, agent_probe, site_probe, held_s);
  }

  /// One admitted request, as it starts.
  struct Row {
    double arrival_s, start_s, finish_s, service_s;
    double at_once_s = -1, left_s = 0;
    std::int64_t price, reserved, grant, reserved_grant, carbon, premium;
    double wtp_usd;
    std::int64_t work, market_price, permits_mg, permits_used_mg, credits_mg, credits, estimate_uj;
    std::uint32_t passes;
    std::uint32_t arrival_step, sequence, agent, site, tok, bank_item;
    float deadline_s;
    std::uint16_t asker;
    std::uint8_t type, bucket, purpose, emergency, seats;
    std::uint8_t agent_probe = 0, site_probe = 0;
    double held_s;
  };
  void push(const Row& row);
  /// Keeps the rows whose flag is 0, in order.
  void erase(const std::vector<std::uint8_t>& gone);
};

/// Where a site's utilisation of a step lies (balance.idle_below, balance.hot_above).
enum class LoadState : std::uint8_t { idle, normal, hot };
LoadState load_state(const dispatch::BalanceParams& p, double utilisation);

/// The region's sites; row = site − first site of the region.
struct SiteColumns {
  std::vector<double> load;                  ///< smoothed utilisation
  std::vector<std::int64_t> idle_carry_nj;   ///< idle energy that did not divide evenly among residents
  std::vector<std::uint64_t> residents;      ///< specialists living here
  // this step
  std::vector<double> grid_kwh, carbon_intensity, carbon_location_g, carbon_market_g, embodied_g;
  std::vector<double> busy_s, idle_s, standby_s, utilisation, queue_s;
  std::vector<Int128> busy_nj;               ///< 64 bits end at 30 MW over five minutes
  std::vector<Int128> bus_nj;                ///< of messages, on no server's clock
  std::vector<std::uint32_t> requests_placed;
  std::vector<std::uint8_t> load_state;               ///< of the step, a LoadState
  std::vector<std::uint64_t> total_hot, total_idle;   ///< steps since the end of the warm-up
};

/// The region's markets; row = problem type.
struct MarketColumns {
  std::vector<std::uint32_t> orders_received, orders_admitted;
  std::vector<double> price_usd_per_kilotoken;  ///< mean over admitted orders
  std::vector<std::int64_t> asked;              ///< specialists that the last step's requests were for
  std::vector<std::int64_t> reference;          ///< price of a standard request in the last step with trade [µTKN]; 0: none yet
  // this step
  std::vector<double> clearing_price_usd, offered, demanded, volume, surplus_usd, best_surplus_usd, efficiency;
  void clear_step();
};

/// What the region's users have learnt to bid below what a request is worth to them. Users of one problem type to whom
/// a request is worth about as much, in baseline prices, learn together: classes are half octaves.
inline constexpr std::size_t kWorthClasses = 16;
struct BidderColumns {
  std::vector<double> margin, momentum;  ///< row = problem type × class of worth
};
/// The row of a request that is worth `ratio` baseline prices to its users.
std::size_t bidder_row(std::size_t type, double ratio);

/// The region's requests by what they are for; row = workload::Purpose.
struct PurposeColumns {
  std::vector<std::uint32_t> requests_arrived, requests_served, requests_late, requests_rejected;  ///< this step
  std::vector<double> spend_usd;                                                                  ///< this step
  std::vector<std::uint64_t> total_in_time, total_settled;  ///< since the end of the warm-up
  void clear_step();
};

/// Decisions about requests of this step that are recorded with all that went into them; row = sampled request.
/// Money is for one real request [USD].
struct DecisionColumns {
  std::vector<std::uint32_t> region, sequence, site, tok_in, tok_out;
  std::vector<double> arrival_s, base_usd, carbon_usd, justice_usd, renewable_usd, credit_usd, total_usd;
  std::vector<double> wtp_usd, footprint_g, priority, deadline_s, expected_delay_s;
  std::vector<std::uint8_t> purpose, type, urgent, seats, granted, outcome;
  auto columns() {
    return std::tie(region, sequence, site, tok_in, tok_out, arrival_s, base_usd, carbon_usd, justice_usd, renewable_usd,
                    credit_usd, total_usd, wtp_usd, footprint_g, priority, deadline_s, expected_delay_s, purpose,
                    type, urgent, seats, granted, outcome);
  }
  std::size_t size() const { return region.size(); }
};

/// What the step did for the people who ask in this region, and what its machines did.
struct RegionStep {
  std::uint32_t requests_arrived, requests_served, requests_late, requests_waited, requests_correct;
  std::uint32_t requests_rejected, rejected_price, rejected_budget, rejected_capacity, rejected_deadline, rejected_carbon;
  std::uint32_t quotes, quotes_withdrawn, grants_beyond_fund;
  double accuracy, wait_s, delay_s, price_usd_per_kilotoken, spend_usd, triage_score;
  double tok_served;
  double carbon_caused_location_g, carbon_caused_market_g;
  double energy_kwh, carbon_location_g, carbon_market_g, embodied_g;
  double carbon_intensity, electricity_price_usd_per_kwh, renewable_share;
  double deposits_usd, withdrawals_usd, electricity_usd, amortisation_usd, arrears_usd;
  double users_usd, escrow_usd, agents_usd;
  double value_usd, consumer_surplus_usd, received_usd, resource_cost_usd, producer_surplus_usd;
  double carbon_levy_usd, premium_usd, grants_usd, fund_flow_usd, fund_deficit_usd, fund_usd, treasury_usd;
  double carbon_price_usd_per_t, dividends_usd, transfer_usd, transfer_kwh, transfer_carbon_g;
  double credit_price_usd_per_t, credits_usd, credits_buyout_usd;
  double capacity_requested_s, capacity_allocated_s;
  std::uint32_t beyond_allocation, promised_late;
  std::uint64_t inferences, executed_macs;
  double lender_pool_usd, loans_usd, lender_utilisation, loan_rate_per_h;
  double lent_usd, repaid_usd, interest_usd, recovered_usd, written_off_usd, demurrage_usd, bonuses_usd;
  std::uint32_t loan_defaults;
  std::uint32_t emergency_arrived, emergency_served, emergency_in_time, emergency_rejected, rejected_emergency;
  double hazard_severity, emergency_level;
  std::uint32_t rejected_quota, quota_turned, rejected_fault, rejected_residency;
  std::int64_t quota_allocated_tok, quota_used_tok, quota_reserved_tok, quota_bonus_tok, quota_traded_tok;
  double quota_price_usd_per_kilotoken, quota_spend_usd, token_budget_value_tok, token_budget_return;
  double reputation_mean, reputation_spread, reputation_paid_usd;
  std::uint8_t in_warmup;
};

/// Sums over the steps that count (after the warm-up), for the summary.
struct RegionTotals {
  std::uint64_t requests_arrived, requests_served, requests_in_time, requests_late, requests_waited,
      requests_correct;
  std::uint64_t rejected_price, rejected_budget, rejected_capacity, rejected_deadline, rejected_carbon, tok_capped;
  std::uint64_t inferences, executed_macs;
  double spend_usd, wait_s, delay_s, tok_served, carbon_caused_location_g, carbon_caused_market_g;
  double energy_kwh, busy_kwh, carbon_location_g, carbon_market_g, embodied_g;
  double busy_server_s, server_s;
  double value_usd, received_usd, resource_cost_usd, carbon_levy_usd, premium_usd, grants_usd, fund_flow_usd, fund_deficit_usd;
  double dividends_usd, transfer_usd, transfer_kwh, transfer_carbon_g, carbon_price_sum;  ///< the last in USD/t, over steps
  double credits_usd, credits_buyout_usd;
  double capacity_requested_s, capacity_allocated_s;
  std::uint64_t beyond_allocation, promised_late;
  double fund_at_start_usd, treasury_at_start_usd;  ///< at the end of the warm-up
  std::uint64_t quotes, quotes_withdrawn, grants_beyond_fund;
  double lent_usd, repaid_usd, interest_usd, recovered_usd, written_off_usd, demurrage_usd, bonuses_usd;
  std::uint64_t loan_defaults;
  std::uint64_t emergency_arrived, emergency_served, emergency_in_time, emergency_rejected, rejected_emergency;
  std::uint64_t hazards_begun, hazards_answered;
  double first_answer_s;          ///< sum over hazards_answered
  std::uint64_t rejected_quota, quota_turned, rejected_residency;
  double quota_used_tok, quota_correct_tok, quota_traded_tok, quota_spend_usd, reputation_paid_usd;
  std::int64_t pending_at_start;  ///< held or admitted during the warm-up and still open when it ended
};

/// Row of scratch.sold.
constexpr std::size_t lots_row(std::size_t round, std::size_t type, std::size_t site, std::size_t sites) {
  return (round * workload::kProblemTypes + type) * sites + site;
}

/// One specialist's work sold in an auction and not yet taken up [millionths of a standard request].
struct SoldLot {
  std::uint32_t agent = 0;
  std::int64_t work = 0;
};

/// One market's step: how far its price may move, what was sold so far, and the best limits that found nobody.
struct MarketDay {
  std::int64_t low = 0, high = 0;        ///< the collar [µTKN per standard request]
  Int128 value = 0, work = 0;            ///< Σ price · work of what was sold, and Σ work
  std::int64_t best_bid = 0, best_ask = 0;  ///< 0: none
};

/// Both sides of the auction that is being held, one row per order or lot.
struct CallSides {
  std::vector<economy::LimitOrder> bids, asks;    ///< what is stated
  std::vector<economy::LimitOrder> values, costs; ///< and what it stands for
  std::vector<std::uint32_t> rows, sellers;       ///< of the inbox; local numbers of agents
  std::vector<std::int64_t> filled_bids, filled_asks, filled_at_best_bids, filled_at_best_asks;
  std::vector<economy::MarketOrder> all;            ///< both sides, where a rule wants them in one list
  std::vector<economy::Settlement> settlements;
  economy::CallScratch clearing;
};

/// The order book that is being traded in, and all who could have traded in the step.
struct BookScratch {
  economy::OrderBook book;
  economy::BookColumns rested;  ///< of one book as the step begins
  RestingColumns asks;  ///< of all books at the end of the step
  std::array<std::vector<std::pair<double, std::uint32_t>>, workload::kProblemTypes> arrivals;  ///< (offset, row of the inbox)
  std::vector<std::uint8_t> types;   ///< of the orders in the inbox
  std::vector<std::int64_t> left;    ///< per site: work of the type that it can still take on in the step
  std::vector<std::uint8_t> offers;  ///< per site: 1 if a specialist asked
  std::vector<economy::LimitOrder> values, costs;
  std::vector<std::int64_t> filled_bids, filled_asks;
  economy::CallScratch clearing;
};

/// Scratch of one step: rebuilt before it is read, so it is no state.
struct StepScratch {
  Emergency emergency;
  FaultView faults;
  workload::RequestColumns requests;
  std::vector<float> triage_score;
  std::vector<std::uint8_t> seats;               ///< per request, as triage wants them
  std::vector<std::uint8_t> let_go;              ///< per held request: 1 if it goes on in this step
  std::vector<Order> quoted;                     ///< one slot per request
  std::vector<std::uint32_t> destination;        ///< per request: the site that migration sends it to; empty without
  std::vector<Refusal> quote_refusal;
  std::vector<float> quote_price;                ///< mean over the request's candidates [USD/ktok]
  std::vector<std::uint8_t> quotes, quotes_withdrawn;  ///< per request
  std::vector<PermitDemand> permit_demand;       ///< per request
  std::vector<Order> inbox_orders;
  std::vector<Order> admitted;
  std::vector<std::pair<double, std::uint32_t>> by_arrival;  ///< (offset, row), sorted
  std::vector<Outcome> inbox_outcomes;
  std::vector<Order> inbox_put_off;
  std::vector<double> price_sum;        ///< per market, over admitted orders
  CallSides call;
  BookScratch book;
  std::vector<std::vector<SoldLot>> sold;  ///< per round of trade, problem type and site of the region
  std::array<MarketDay, workload::kProblemTypes> market;  ///< what the step's trade came to
  std::vector<double> fluid_free_s;     ///< per site: when all gangs together are done with what is booked [s in step]
  /// Per site: when requests leave it, as booked or placed so far, sorted [s since start]; empty where nobody counts them.
  std::vector<std::vector<double>> departures;
  std::vector<std::uint8_t> landed;     ///< per flight: 1 if it finished this step
  std::vector<std::int64_t> flight_nj;  ///< per flight: metered in this step
  std::vector<std::int64_t> amortisation, bills, unpaid;  ///< per agent [µTKN]
  std::vector<std::int64_t> bonuses;                      ///< earned this step, per agent [µTKN]; empty if switched off
  std::vector<std::int64_t> capacity_us;  ///< per site: time not allocated yet [microseconds]; empty if none is
  std::vector<SentReport> reports;      ///< of members of this step's councils
  SeenAnswers seen;                     ///< of this step's flights; empty where there is no monitor
  std::vector<ContextAnswer> answers;   ///< landed in this step; empty where there are no windows
  std::size_t first_new_flight = 0;     ///< rows of flights from here on were placed this step
  std::array<std::vector<Offer>, workload::kProblemTypes> offers;
  std::array<std::vector<float>, workload::kProblemTypes> reputations;  ///< of those offered; empty where it has no weight
  std::vector<SiteNotice> notices;
  FundNotice fund;
  MarketNotice prices;
  std::vector<PermitNotice> permits;  ///< one, or none where there is no cap
};

struct RegionState {
  // Defined elsewhere: inline they would cost every file that includes this seconds to compile.
  explicit RegionState(RegionId region);
  RegionState(RegionState&&) noexcept;
  RegionState& operator=(RegionState&&) noexcept;
  ~RegionState();

  RegionId id;
  AgentColumns agents;
  CreditColumns credit;
  QuotaState quota;
  ReputationState reputation;
  EnergyAccount energy;
  CouncilAccount council;
  CollaborationAccount collaboration;
  ContextAccount context;
  FaultAccount faults;
  HeldColumns held;
  ScheduleAccount schedule;
  FlightColumns flights;
  WaitingColumns waiting;
  RestingColumns resting;
  std::uint64_t next_bid = 0;  ///< number of the next bid that comes to rest
  SiteColumns sites;
  MarketColumns markets;
  BidderColumns bidders;
  PurposeColumns purposes;
  DecisionColumns decisions;
  economy::Ledger ledger;
  std::vector<double> free_at;              ///< per gang, site after site: when it becomes free [s since start]
  std::vector<hardware::ServerPool> pools;  ///< per site, over its part of free_at; derived
  std::array<std::vector<std::uint32_t>, workload::kProblemTypes> agents_of_type;  ///< derived
  std::vector<std::uint64_t> residents_of_type;  ///< per problem type and site of the region; derived
  /// When in a step each specialist renews its ask, with its number, sorted; derived, empty unless there are order books.
  std::array<std::vector<std::pair<double, std::uint32_t>>, workload::kProblemTypes> ask_moments;
  std::uint32_t requests_pending = 0;           ///< asked here, held back or admitted somewhere, not settled
  std::int64_t grants_reserved = 0;             ///< of what escrow holds, the justice fund's part [µTKN]
  PermitAccount permits;
  FuturesAccount futures;
  PredictionAccount prediction;
  ValueAccount value;
  CarbonCreditAccount carbon_credits;
  double entitlement = 0;                       ///< smoothed discounts per step its requests were entitled to [µTKN]
  double hazard_began_s = -1;      ///< when the present or last hazards began [s since start]; -1: none yet
  double answered_began_s = -1;    ///< of the last hazards after which somebody who asked for help had an answer
  std::uint32_t turns = 0;  ///< requests quoted so far; round-robin balancing goes by it
  RegionStep step{};
  RegionTotals totals{};
  std::vector<std::uint64_t> answered_cells, correct_cells;  ///< kCells each
  std::vector<std::uint64_t> delay_bins;                     ///< kDelayBins
  StepScratch scratch;

  /// Rebuilds everything that is derived from the columns.
  void rebuild_derived(const Plan& plan);
};

}  // namespace world
inline namespace core {
template <>
struct EnumNames<world::LoadState> {
  static constexpr std::array<std::string_view, 3> names{"idle", "normal", "hot"};
};
}  // namespace core
}  // namespace swarm
