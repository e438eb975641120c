#include "sim/workload/requests.hpp"

#include <algorithm>
#include <numeric>

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

void RequestColumns::merge(const RequestColumns& more) {
  if (more.size() == 0) return;
  const std::size_t n = size(), all = n + more.size();
  const auto append = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (append(std::get<I>(columns()), std::get<I>(more.columns())), ...);
  }(std::make_index_sequence<std::tuple_size_v<decltype(columns())>>{});
  std::vector<std::size_t> row(all);
  std::iota(row.begin(), row.end(), std::size_t{0});
  const auto before = [&](std::size_t a, std::size_t b) {
    return std::tie(offset_s[a], sequence[a]) < std::tie(offset_s[b], sequence[b]);
  };
  std::inplace_merge(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(n), row.end(), before);
  const auto arrange = [&](auto& column) {
    const auto was = column;
    for (std::size_t k = 0; k < all; ++k) column[k] = was[row[k]];
  };
  std::apply([&](auto&... column) { (arrange(column), ...); }, columns());
  tok_capped += more.tok_capped;
}

}  // namespace workload
}  // namespace swarm
