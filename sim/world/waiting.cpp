#include "sim/world/waiting.hpp"

#include <algorithm>

#include "sim/core/checks.hpp"

namespace swarm {
namespace world {

void WaitingColumns::push(std::uint64_t number, const Order& o) {
  id.push_back(number);
  offset_s.push_back(o.offset_s);
  wtp_usd.push_back(o.wtp_usd);
  reserved.push_back(o.reserved);
  reserved_grant.push_back(o.reserved_grant);
  work.push_back(o.work);
  premium.push_back(o.premium);
  grant.push_back(o.grant);
  permits_mg.push_back(o.permits_mg);
  deadline_s.push_back(o.deadline_s);
  arrival_step.push_back(o.arrival_step);
  sequence.push_back(o.sequence);
  tok_in.push_back(o.tok_in);
  tok_out.push_back(o.tok_out);
  bank_item.push_back(o.bank_item);
  asker.push_back(o.asker);
  type.push_back(o.type);
  bucket.push_back(o.bucket);
  purpose.push_back(o.purpose);
  granted.push_back(o.granted);
  done.push_back(0);
}

Order WaitingColumns::order(std::size_t k) const {
  return {.offset_s = offset_s[k],
          .reserved = reserved[k],
          .reserved_grant = reserved_grant[k],
          .wtp_usd = wtp_usd[k],
          .deadline_s = deadline_s[k],
          .work = work[k],
          .premium = premium[k],
          .grant = grant[k],
          .permits_mg = permits_mg[k],
          .arrival_step = arrival_step[k],
          .sequence = sequence[k],
          .tok_in = tok_in[k],
          .tok_out = tok_out[k],
          .bank_item = bank_item[k],
          .asker = asker[k],
          .type = type[k],
          .bucket = bucket[k],
          .purpose = purpose[k],
          .granted = granted[k]};
}

std::size_t WaitingColumns::row(std::uint64_t number) const {
  const auto found = std::lower_bound(id.begin(), id.end(), number);
  if (found == id.end() || *found != number)
    throw ModelError(fmt::format("order {} rests in a book and is not among those that wait (its money would be lost) "
                                 "please report it with the scenario and seed", number));
  return static_cast<std::size_t>(found - id.begin());
}

void WaitingColumns::forget_done() {
  const std::vector<std::uint8_t> gone = done;
  std::apply(
      [&](auto&... column) {
        const auto compact = [&](auto& c) {
          std::size_t kept = 0;
          for (std::size_t k = 0; k < gone.size(); ++k)
            if (gone[k] == 0) c[kept++] = c[k];
          c.resize(kept);
        };
        (compact(column), ...);
      },
      columns());
}

economy::BookColumns RestingColumns::book(std::size_t of_type) const {
  economy::BookColumns rows;
  for (std::size_t k = 0; k < size(); ++k) {
    if (type[k] != of_type) continue;
    rows.ids.push_back(id[k]);
    rows.sides.push_back(side[k]);
    rows.prices.push_back(price[k]);
    rows.quantities.push_back(quantity[k]);
  }
  return rows;
}

void RestingColumns::keep(const std::array<economy::BookColumns, workload::kProblemTypes>& books) {
  std::apply([](auto&... column) { (column.clear(), ...); }, columns());
  for (std::size_t t = 0; t < books.size(); ++t) {
    const economy::BookColumns& rows = books[t];
    type.insert(type.end(), rows.ids.size(), static_cast<std::uint8_t>(t));
    side.insert(side.end(), rows.sides.begin(), rows.sides.end());
    id.insert(id.end(), rows.ids.begin(), rows.ids.end());
    price.insert(price.end(), rows.prices.begin(), rows.prices.end());
    quantity.insert(quantity.end(), rows.quantities.begin(), rows.quantities.end());
  }
}

}  // namespace world
}  // namespace swarm
