#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "agents/tasks/params.hpp"
#include "sim/dispatch/params.hpp"
#include "sim/economy/params.hpp"
#include "sim/grid/params.hpp"
#include "sim/hardware/params.hpp"
#include "sim/scenario/run_params.hpp"
#include "sim/workload/params.hpp"

/// The aggregate of all modules' parameters: what one scenario file, its parents and the overrides come to.
namespace swarm {
namespace scenario {

struct Scenario {
  RunParams run;
  EngineParams engine;
  grid::GridParams grid;
  std::vector<grid::Region> regions;      ///< at least one, in the order of the file
  hardware::HardwareParams hardware;
  hardware::EnergyParams energy;
  std::vector<hardware::Device> devices;  ///< the catalogue with the scenario's changes and additions
  std::vector<hardware::Site> sites;      ///< at least one per region, ordered by region
  PopulationParams population;
  tasks::SpecialistParams specialists;
  workload::WorkloadParams workload;
  workload::DemandParams demand;
  dispatch::TriageParams triage;
  dispatch::BalanceParams balance;
  dispatch::NetworkParams network;
  economy::MarketParams market;
  economy::PricingParams pricing;
  RecordParams record;

  std::filesystem::path path;          ///< the scenario file; relative paths count from its folder
  std::string text;                    ///< the file as written
  std::vector<std::string> overrides;  ///< the --set arguments, in order
};

/// Visits every plain section as v.section("name", params): the one list of sections.
template <class V, class S>
void describe_sections(V& v, S& s) {
  v.section("run", s.run);
  v.section("engine", s.engine);
  v.section("grid", s.grid);
  v.section("hardware", s.hardware);
  v.section("energy", s.energy);
  v.section("population", s.population);
  v.section("specialists", s.specialists);
  v.section("workload", s.workload);
  v.section("demand", s.demand);
  v.section("triage", s.triage);
  v.section("balance", s.balance);
  v.section("network", s.network);
  v.section("market", s.market);
  v.section("pricing", s.pricing);
  v.section("record", s.record);
}

}  // namespace scenario
}  // namespace swarm
