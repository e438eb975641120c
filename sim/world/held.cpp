#include "sim/world/held.hpp"

namespace swarm {
namespace world {

void HeldColumns::push(const workload::RequestColumns& requests, std::size_t row, std::uint8_t wanted_seats, std::uint32_t step,
                       std::uint32_t until) {
  offset_s.push_back(requests.offset_s[row]);
  wtp_ratio.push_back(requests.wtp_ratio[row]);
  arrival_step.push_back(step);
  sequence.push_back(requests.sequence[row]);
  release_step.push_back(until);
  tok_in.push_back(requests.tok_in[row]);
  tok_out.push_back(requests.tok_out[row]);
  bank_item.push_back(requests.bank_item[row]);
  complexity.push_back(requests.complexity[row]);
  deadline_s.push_back(requests.deadline_s[row]);
  type.push_back(static_cast<std::uint8_t>(requests.type[row]));
  purpose.push_back(static_cast<std::uint8_t>(requests.purpose[row]));
  seats.push_back(wanted_seats);
  for_allowance.push_back(0);
}

void HeldColumns::push(const Order& order, std::uint32_t until) {
  offset_s.push_back(order.offset_s);
  wtp_ratio.push_back(order.wtp_ratio);
  arrival_step.push_back(order.arrival_step);
  sequence.push_back(order.sequence);
  release_step.push_back(until);
  tok_in.push_back(order.tok_in);
  tok_out.push_back(order.tok_out);
  bank_item.push_back(order.bank_item);
  complexity.push_back(order.complexity);
  deadline_s.push_back(order.deadline_s);
  type.push_back(order.type);
  purpose.push_back(order.purpose);
  seats.push_back(order.seats_wanted);
  for_allowance.push_back(1);
}

void HeldColumns::restore(std::size_t row, std::uint32_t step, workload::RequestColumns& requests) const {
  requests.offset_s.push_back(offset_s[row]);
  requests.sequence.push_back(sequence[row]);
  requests.type.push_back(static_cast<workload::ProblemType>(type[row]));
  requests.complexity.push_back(complexity[row]);
  requests.tok_in.push_back(tok_in[row]);
  requests.tok_out.push_back(tok_out[row]);
  requests.bank_item.push_back(bank_item[row]);
  requests.urgent.push_back(0);
  requests.deadline_s.push_back(deadline_s[row]);
  requests.purpose.push_back(static_cast<workload::Purpose>(purpose[row]));
  requests.wtp_ratio.push_back(wtp_ratio[row]);
  requests.flexible.push_back(1);
  requests.held_steps.push_back(step - arrival_step[row]);
}

void HeldColumns::erase(std::span<const std::uint8_t> gone) {
  const auto compact = [&](auto& column) {
    std::size_t kept = 0;
    for (std::size_t k = 0; k < column.size(); ++k) {
      column[kept] = column[k];
      kept += gone[k] == 0;
    }
    column.resize(kept);
  };
  std::apply([&](auto&... column) { (compact(column), ...); }, columns());
}

void ScheduleSums::add(const ScheduleSums& more) {
  flexible += more.flexible;
  deferred += more.deferred;
  released += more.released;
  held_s += more.held_s;
  gain += more.gain;
  foreseen += more.foreseen;
  resumed += more.resumed;
  answered += more.answered;
  kwh += more.kwh;
  carbon_g += more.carbon_g;
  carbon_at_once_g += more.carbon_at_once_g;
}

}  // namespace world
}  // namespace swarm
