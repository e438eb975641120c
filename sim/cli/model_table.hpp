#pragma once
#include <array>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "sim/scenario/scenario.hpp"
#include "sim/workload/problem_type.hpp"

/// What specialists could be made of, and what each way comes to.
namespace swarm {
namespace cli {

enum class ModelsFormat : std::uint8_t { text, csv, json };

/// One way of making specialists. Figures are means over problem types and lineages.
struct ModelRow {
  std::string family;
  std::string format;    ///< of its weights, with the ranges of activations: "int8 static"
  std::string pruning;
  std::string teaching;  ///< "labels", "distilled", or "teacher": as wide as the one that taught
  std::array<double, workload::kProblemTypes> accuracy_by_type{};  ///< executed: share of held-out problems answered rightly
  double accuracy = 0;
  double conversion_error = 0;  ///< executed: root mean square of what the format changed in the weights, of theirs
  double stored_bytes = 0;      ///< parameters as they run
  double operations = 0;        ///< of an answer; a multiply-add is two
  double bytes = 0;             ///< read and written for an answer that is asked for alone
  double us_alone = 0;          ///< executed: time of an answer, asked for alone [µs]
  double us_in_64 = 0;          ///< executed: of one among 64
  double joules = 0;            ///< modelled: of an answer that is asked for alone, on the device [J]
};

/// Trains, converts, examines and times all ways: family × format × pruning × distillation, beside each family's
/// teacher. Sizes, seed and all else are the scenario's. `cache_dir` as in tasks::base_models. After each way of training
/// `progress` hears how many there are and how many are done. All figures but times depend on the scenario alone.
std::vector<ModelRow> measure_models(const scenario::Scenario& s, const hardware::Device& device,
                                     const std::filesystem::path& cache_dir,
                                     const std::function<void(std::size_t done, std::size_t all)>& progress);

/// One of the founding claims about formats, pruning and distillation, beside what was measured.
struct ModelClaim {
  std::string subject;
  std::string claimed;
  std::string measured;  ///< of each family
};
std::vector<ModelClaim> claims_about(const std::vector<ModelRow>& rows);

}  // namespace cli
inline namespace core {
template <>
struct EnumNames<cli::ModelsFormat> {
  static constexpr std::array<std::string_view, 3> names{"text", "csv", "json"};
};
}  // namespace core
}  // namespace swarm
