#include "sim/world/plan_parts.hpp"

namespace swarm {
namespace world {

std::vector<tasks::BaseModel> PlanParts::base_models(const tasks::SpecialistParams& params, std::uint64_t seed,
                                                     const std::filesystem::path& cache_dir) {
  const Hash128 key = tasks::base_models_key(params, seed);
  if (models_key_ != key)
    models_ = tasks::base_models(params, seed, cache_dir, nullptr, tasks::read_given_models(params, read_));
  models_key_ = key;
  return models_;
}

std::shared_ptr<const tasks::TaskBanks> PlanParts::banks(std::uint64_t seed, std::span<const std::string> region_names, std::uint32_t items) {
  Hasher hasher;
  hasher.number(seed);
  hasher.number(items);
  for (const std::string& name : region_names) hasher.text(name);
  const Hash128 key = hasher.result();
  if (banks_key_ != key) banks_ = std::make_shared<tasks::TaskBanks>(seed, region_names, items);
  banks_key_ = key;
  return banks_;
}

}  // namespace world
}  // namespace swarm
