#include "agents/tasks/bank.hpp"

#include "sim/core/parallel.hpp"

namespace swarm {
namespace tasks {
namespace {

constexpr std::uint32_t kMaxItems = 65536;  // the item takes 16 bits of its key
constexpr std::size_t kGrain = 256;         // items per block of parallel work

}  // namespace

std::uint8_t make_bank_item(std::uint64_t seed, const Style& style, std::uint32_t region_key,
                            workload::ProblemType type, std::size_t bucket, std::uint32_t item,
                            std::uint8_t out[kInputs]) {
  EXPECT(bucket < workload::kComplexityBuckets && item < kMaxItems);
  const std::uint64_t entity = (std::uint64_t{region_key} << 32) |
                               (std::uint64_t{static_cast<std::uint8_t>(type)} << 24) |
                               (std::uint64_t{bucket} << 16) | item;
  RandomSequence random(Random(seed, Stream::bank), 0, entity);
  const double kappa = (static_cast<double>(bucket) + random.uniform()) / workload::kComplexityBuckets;
  return kGenerators[static_cast<std::size_t>(type)](style, kappa, random, out);
}

TaskBanks::TaskBanks(std::uint64_t seed, std::span<const std::string> region_names, std::uint32_t items)
    : items_(items),
      rows_(region_names.size() * kBanksPerRegion * items),
      inputs_(std::make_unique_for_overwrite<Item[]>(rows_)),
      labels_(rows_) {
  EXPECT(items >= 1 && items <= kMaxItems);
  std::vector<std::uint32_t> keys;
  std::vector<Style> styles;
  for (const std::string& name : region_names) {
    keys.push_back(region_key(name));
    styles.push_back(region_style(seed, keys.back()));
  }
  parallel_blocks(rows_, kGrain, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const std::size_t bank = i / items_, region = bank / kBanksPerRegion;
      const std::size_t bucket = bank % workload::kComplexityBuckets;
      const auto type =
          static_cast<workload::ProblemType>(bank / workload::kComplexityBuckets % workload::kProblemTypes);
      labels_[i] = make_bank_item(seed, styles[region], keys[region], type, bucket,
                                  static_cast<std::uint32_t>(i % items_), inputs_[i].bytes);
    }
  });
}

std::size_t TaskBanks::bytes() const {
  return rows_ * sizeof(Item) + labels_.size();
}

}  // namespace tasks
}  // namespace swarm
