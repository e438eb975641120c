#include "sim/world/waiting.hpp"

#include <algorithm>

#include "sim/core/checks.hpp"

namespace swarm {
namespace world {

void WaitingColumns::push(std::uint64_t number, const Order& o) {
  id.push_back(number);
  offset_s.push_back(o.offset_s);
  wtp_usd.push_back(o.wtp_usd);
  wtp_ratio.push_back(o.wtp_ratio);
  reserved.push_back(o.reserved);
  reserved_grant.push_back(o.reserved_grant);
  work.push_back(o.work);
  premium.push_back(o.premium);
  grant.push_back(o.grant);
  permits_mg.push_back(o.permits_mg);
  transfer.push_back(o.transfer);
  deadline_s.push_back(o.deadline_s);
  slack_s.push_back(o.slack_s);
  arrival_step.push_back(o.arrival_step);
  asked_step.push_back(o.asked_step);
  sequence.push_back(o.sequence);
  tok_in.push_back(o.tok_in);
  tok_out.push_back(o.tok_out);
  bank_item.push_back(o.bank_item);
  complexity.push_back(o.complexity);
  asker.push_back(o.asker);
  type.push_back(o.type);
  bucket.push_back(o.bucket);
  purpose.push_back(o.purpose);
  emergency.push_back(o.emergency);
  seats.push_back(o.seats);
  seats_wanted.push_back(o.seats_wanted);
  done.push_back(0);
}

Order WaitingColumns::order(std::size_t k) const {
  return {.offset_s = offset_s[k],
          .reserved = reserved[k],
          .reserved_grant = reserved_grant[k],
          .wtp_usd = wtp_usd[k],
          .wtp_ratio = wtp_ratio[k],
          .deadline_s = deadline_s[k],
          .slack_s = slack_s[k],
          .asked_step = asked_step[k],
          .work = work[k],
          .premium = premium[k],
          .grant = grant[k],
          .transfer = transfer[k],
          .permits_mg = permits_mg[k],
          .arrival_step = arrival_step[k],
          .sequence = sequence[k],
          .tok_in = tok_in[k],
          .tok_out = tok_out[k],
          .bank_item = bank_item[k],
          .complexity = complexity[k],
          .asker = asker[k],
          .type = type[k],
          .bucket = bucket[k],
          .purpose = purpose[k],
          .emergency = emergency[k],
          .seats = seats[k],
          .seats_wanted = seats_wanted[k]};
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

void RestingColumns::push(std::size_t of_type, const economy::RestingOrder& ask) {
  type.push_back(static_cast<std::uint8_t>(of_type));
  id.push_back(ask.id);
  price.push_back(ask.price);
  quantity.push_back(ask.quantity);
}

}  // namespace world
}  // namespace swarm
