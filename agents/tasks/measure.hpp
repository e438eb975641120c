#pragma once
#include "agents/nn/conversion_error.hpp"
#include "agents/nn/cost.hpp"
#include "agents/tasks/base_models.hpp"

namespace swarm {
namespace tasks {

/// What a format and pruning do to a specialist.
struct Measurement {
  double accuracy = 0;  ///< BaseModel::test_accuracy
  nn::ConversionError
      conversion;     ///< from the weights in fp32 to those of its format; what pruning took is in neither
  nn::PassCost pass;  ///< what it costs as it runs; parameter_bytes is its size
};
Measurement measure(const BaseModel& base);

}  // namespace tasks
}  // namespace swarm
