#pragma once
#include <cstddef>
#include <filesystem>
#include <optional>
#include <vector>

#include "sim/core/hash.hpp"

/// Trained weights on disk: one file per model, named by its key and checksummed. Everything here may fail
/// without harm, as a missing entry only costs the time to train again.
namespace swarm {
namespace tasks {

/// What training yields, in the form in which it is stored.
struct TrainedWeights {
  std::vector<float> parameters;  ///< canonical order of nn::Model::packed()
  double test_accuracy = 0;
};

/// The file of a key.
std::filesystem::path cache_file(const std::filesystem::path& cache_dir, const Hash128& key);

/// The entry of `key`, or nothing if it is absent, unreadable, truncated, damaged, another key's, or does not
/// hold exactly `parameters` numbers.
std::optional<TrainedWeights> read_cache(const std::filesystem::path& cache_dir, const Hash128& key,
                                         std::size_t parameters);

/// Stores an entry: writes a temporary of its own and renames it over the file, so that a reader sees a whole
/// entry or none and processes may write the same key at once. Creates the directory; false if anything
/// fails.
bool write_cache(const std::filesystem::path& cache_dir, const Hash128& key, const TrainedWeights& weights);

}  // namespace tasks
}  // namespace swarm
