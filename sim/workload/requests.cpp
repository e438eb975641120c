#include "sim/workload/requests.hpp"

#include <algorithm>
#include <numeric>

namespace swarm {
namespace workload {

void RequestColumns::resize(std::size_t n) {
  std::apply([n](auto&... column) { (column.resize(n), ...); }, columns());
}

void RequestColumns::clear() {
  resize(0);
  tok_capped = 0;
}

void RequestColumns::append(const RequestColumns& more) {
  const auto add = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (add(std::get<I>(columns()), std::get<I>(more.columns())), ...);
  }(std::make_index_sequence<std::tuple_size_v<decltype(columns())>>{});
}

void RequestColumns::arrange(std::span<const std::size_t> rows) {
  const auto gather = [&](auto& column) {
    const auto was = column;
    column.resize(rows.size());
    for (std::size_t k = 0; k < rows.size(); ++k) column[k] = was[rows[k]];
  };
  std::apply([&](auto&... column) { (gather(column), ...); }, columns());
}

void RequestColumns::merge(const RequestColumns& more) {
  if (more.size() == 0) return;
  const std::size_t n = size();
  append(more);
  std::vector<std::size_t> row(size());
  std::iota(row.begin(), row.end(), std::size_t{0});
  const auto before = [&](std::size_t a, std::size_t b) {
    return std::tie(offset_s[a], sequence[a]) < std::tie(offset_s[b], sequence[b]);
  };
  std::inplace_merge(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(n), row.end(), before);
  arrange(row);
  tok_capped += more.tok_capped;
}

}  // namespace workload
}  // namespace swarm
