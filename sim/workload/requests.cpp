#include "sim/workload/requests.hpp"

namespace swarm {
namespace workload {

void RequestColumns::resize(std::size_t n) {
  offset_s.resize(n);
  sequence.resize(n);
  type.resize(n);
  complexity.resize(n);
  tok_in.resize(n);
  tok_out.resize(n);
  bank_item.resize(n);
  urgent.resize(n);
  deadline_s.resize(n);
  purpose.resize(n);
  wtp_ratio.resize(n);
}

void RequestColumns::clear() {
  resize(0);
  tok_capped = 0;
}

}  // namespace workload
}  // namespace swarm
