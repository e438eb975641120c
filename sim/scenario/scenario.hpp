#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "agents/tasks/params.hpp"
#include "sim/dispatch/context_params.hpp"
#include "sim/dispatch/circuit_breaker.hpp"
#include "sim/dispatch/council.hpp"
#include "sim/dispatch/fault_params.hpp"
#include "sim/dispatch/message_bus.hpp"
#include "sim/dispatch/monitor.hpp"
#include "sim/dispatch/params.hpp"
#include "sim/dispatch/schedule_params.hpp"
#include "sim/economy/credit_params.hpp"
#include "sim/economy/params.hpp"
#include "sim/economy/prediction_market.hpp"
#include "sim/economy/reputation.hpp"
#include "sim/economy/value.hpp"
#include "sim/grid/hazard_params.hpp"
#include "sim/grid/params.hpp"
#include "sim/hardware/params.hpp"
#include "sim/hardware/storage_params.hpp"
#include "sim/policy/allocation.hpp"
#include "sim/policy/credit_market.hpp"
#include "sim/policy/emergency.hpp"
#include "sim/policy/params.hpp"
#include "sim/policy/permits.hpp"
#include "sim/scenario/run_params.hpp"
#include "sim/workload/params.hpp"
#include "sim/workload/purpose.hpp"

/// The aggregate of all modules' parameters: what one scenario file, its parents and the overrides come to.
namespace swarm {
namespace scenario {

struct Scenario {
  // Defined elsewhere: inline they would cost every file that includes this seconds to compile.
  Scenario();
  Scenario(const Scenario&);
  Scenario(Scenario&&) noexcept;
  Scenario& operator=(const Scenario&);
  Scenario& operator=(Scenario&&) noexcept;
  ~Scenario();

  RunParams run;
  EngineParams engine;
  grid::GridParams grid;
  std::vector<grid::Region> regions;  ///< at least one, in the order of the file
  hardware::HardwareParams hardware;
  hardware::EnergyParams energy;
  hardware::BatteryParams battery;
  hardware::RegenerationParams regeneration;
  std::vector<hardware::Device> devices;  ///< the catalogue with the scenario's changes and additions
  std::vector<hardware::Site> sites;      ///< at least one per region, ordered by region
  PopulationParams population;
  tasks::SpecialistParams specialists;
  workload::WorkloadParams workload;
  workload::DemandParams demand;
  std::vector<workload::PurposeRecord> purposes;  ///< all of them, in the order of workload::Purpose
  dispatch::TriageParams triage;
  dispatch::CouncilParams council;
  dispatch::BusParams bus;
  dispatch::MonitorParams monitor;
  dispatch::ContextParams context;
  dispatch::ScheduleParams schedule;
  dispatch::BalanceParams balance;
  dispatch::NetworkParams network;
  economy::MarketParams market;
  economy::BidderParams bidding;
  economy::PricingParams pricing;
  policy::PolicyParams policy;
  policy::FundParams fund;
  economy::LendingParams lending;
  economy::DemurrageParams demurrage;
  economy::AppreciationParams appreciation;
  economy::QuotaParams quota;
  economy::ReputationParams reputation;
  policy::PermitParams permits;
  grid::HazardParams hazards;
  policy::EmergencyParams emergency;
  std::vector<grid::HazardRecord> hazard_records;  ///< those that are listed; others come from a feed or the process
  dispatch::FaultParams faults;
  std::vector<dispatch::FaultRecord> fault_records;  ///< those that are listed; the process adds others
  dispatch::BreakerParams breaker;
  economy::FuturesParams futures;
  economy::PredictionMarketParams prediction;
  economy::ValueParams value;
  policy::CreditParams credits;
  policy::AllocationParams allocation;
  RecordParams record;

  std::filesystem::path path;          ///< the scenario file as it was named
  std::string text;                    ///< the file as written
  std::vector<std::string> overrides;  ///< the --set arguments, in order
};

/// Visits every plain section as v.section("name", params, "what it is about"): the one list of sections.
template <class V, class S>
void describe_sections(V& v, S& s) {
  v.section("run", s.run, "The run as a whole: when, how long, which seed, where data are.");
  v.section("engine", s.engine, "How the work is divided; never changes results.");
  v.section("grid", s.grid,
            "Where carbon intensity and electricity prices come from, and how they are foreseen.");
  v.section("hardware", s.hardware, "How machines serve requests, and the site of a region that names none.");
  v.section("energy", s.energy, "What time and energy are counted for, and what specialists may spend.");
  v.section("battery", s.battery, "When the batteries of sites charge and deliver.");
  v.section("regeneration", s.regeneration, "What answers on renewable_energy_optimisation do to the grid.");
  v.section("population", s.population, "How many specialists there are, and of which type.");
  v.section("specialists", s.specialists, "The networks that really run, and those they stand for.");
  v.section("workload", s.workload, "What is asked for, where and when.");
  v.section("demand", s.demand, "What users are willing and able to pay.");
  v.section("triage", s.triage, "How the score of a request is formed on arrival.");
  v.section("council", s.council, "Hard requests that several specialists answer together, and how they are paid.");
  v.section("bus", s.bus, "Reports of members of a council to who presides, and the energy that they may take.");
  v.section("monitor", s.monitor, "Figures of how a region's specialists hold together, read in every step.");
  v.section("context", s.context, "Context windows of specialists, and handing sessions over before they are full.");
  v.section("schedule", s.schedule, "When requests are served whose users can wait.");
  v.section("balance", s.balance, "Which specialist a request turns to.");
  v.section("network", s.network, "Round-trip times.");
  v.section("market", s.market, "How requests and capacity are matched.");
  v.section("bidding", s.bidding, "How bids and asks are formed in markets.");
  v.section("pricing", s.pricing, "What a quote charges.");
  v.section("policy", s.policy, "Whom climate justice favours, and how welfare is counted.");
  v.section("fund", s.fund, "The justice fund: what flows in, and what it may pay.");
  v.section("lending", s.lending, "Credit among specialists: who lends, at what interest, and what happens to debts.");
  v.section("demurrage", s.demurrage, "A charge on money that specialists hoard, paid to the justice fund.");
  v.section("appreciation", s.appreciation, "Bonuses for early contributions, paid out of the treasury.");
  v.section("quota", s.quota, "How many tok specialists may serve in a day, and trade in them.");
  v.section("reputation", s.reputation, "What specialists' past answers say of them, and what that earns them.");
  v.section("permits", s.permits, "Emission permits, under the rules cap-and-trade and per-capita.");
  v.section("hazards", s.hazards, "Floods, cyclones, wildfires, droughts and heatwaves that are not listed one by one.");
  v.section("emergency", s.emergency, "What hazards do to demand, and how the swarm answers them.");
  v.section("faults", s.faults, "What fails that is not listed one by one, and what is done where no answer comes.");
  v.section("breaker", s.breaker, "When a specialist or site that keeps failing is not asked any more, and when again (faults.breakers).");
  v.section("futures", s.futures, "Contracts on the next period's price of capacity, between specialists and their region's users.");
  v.section("prediction", s.prediction, "Markets in which specialists bet on the share of correct answers.");
  v.section("value", s.value, "What an answer is worth beyond the energy it took; recorded, and without effect.");
  v.section("credits", s.credits,
            "Carbon credits: issued for what a counterfactual run would have emitted, traded, retired.");
  v.section("allocation", s.allocation, "Who gets capacity where it is scarce, at posted prices.");
  v.section("record", s.record, "What goes into the output file, and how densely.");
}

/// Visits the record types that a scenario lists by name, `[[region]]` and so on, with default values.
template <class V>
void describe_tables(V& v) {
  grid::Region region;
  hardware::Site site;
  hardware::Device device;
  workload::PurposeRecord purpose;
  grid::HazardRecord hazard;
  dispatch::FaultRecord fault;
  v.section("region", region,
            "A country or a grid zone of it. Known names take their defaults from the table below.");
  v.section("site", site,
            "Servers of one device in one region. A region without a site gets one, named REGION-1.");
  v.section("device", device, "A type of machine. Known names take their defaults from the catalogue below.");
  v.section("purpose", purpose,
            "What requests are for. The list of purposes is closed; a table changes the defaults of one of them.");
  v.section("hazard", hazard, "A hazard that happens in one region, whatever the process of [hazards] draws.");
  v.section("fault", fault, "A fault that happens in one region or at one site, whatever the process of [faults] draws.");
}

}  // namespace scenario
}  // namespace swarm
