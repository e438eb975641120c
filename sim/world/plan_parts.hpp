#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "agents/tasks/bank.hpp"
#include "agents/tasks/base_models.hpp"
#include "sim/world/counterfactual.hpp"

namespace swarm {
namespace world {

/// The parts of a plan that follow from seed, specialists and regions' names alone and take longest to make: trained
/// base specialists and problem banks. Whoever makes many plans keeps one of these, so that plans of one seed in a row
/// share them. It holds those of the latest key only and changes no result. Not for several threads at once.
class PlanParts {
 public:
  /// `read` reads base specialists that the scenario names as files, `emissions` counterfactual runs; null: a scenario
  /// that names such is an InputError.
  explicit PlanParts(tasks::ModelReader read = nullptr, EmissionsReader emissions = nullptr)
      : read_(read), emissions_(emissions) {}

  std::vector<tasks::BaseModel> base_models(const tasks::SpecialistParams& params, std::uint64_t seed, const std::filesystem::path& cache_dir);
  EmissionsReader emissions_reader() const { return emissions_; }
  std::shared_ptr<const tasks::TaskBanks> banks(std::uint64_t seed, std::span<const std::string> region_names, std::uint32_t items);

 private:
  tasks::ModelReader read_;
  EmissionsReader emissions_;
  std::optional<Hash128> models_key_, banks_key_;
  std::vector<tasks::BaseModel> models_;
  std::shared_ptr<const tasks::TaskBanks> banks_;
};

}  // namespace world
}  // namespace swarm
