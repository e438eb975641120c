#include "sim/core/units.hpp"

namespace swarm {
inline namespace core {

void integer_overflow(const char* operation) {
  throw ModelError(fmt::format("integer {} overflowed (money and metered energy must stay exact) "
                               "lower workload.multiplicity or the size of the sites",
                               operation));
}

}  // namespace core
}  // namespace swarm
