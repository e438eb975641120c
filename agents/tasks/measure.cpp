#include "agents/tasks/measure.hpp"

#include "agents/nn/convert.hpp"
#include "agents/nn/network.hpp"

namespace swarm {
namespace tasks {

Measurement measure(const BaseModel& base) {
  return {base.test_accuracy, nn::conversion_error(base.model, nn::rounded(base.model, base.numerics.format)),
          nn::PackedModel(base.model, base.numerics, base.ranges).cost()};
}

}  // namespace tasks
}  // namespace swarm
