#include "sim/dispatch/handover.hpp"

#include <algorithm>
#include <cmath>

namespace swarm {
namespace dispatch {

using enum HandoverState;
using Event = HandoverEvent;

std::optional<HandoverState> next_state(HandoverKind kind, HandoverState state, HandoverEvent event) {
  if (is_over(state)) return std::nullopt;
  if (event == Event::abort) return failed;
  const bool emergency = kind == HandoverKind::emergency;
  switch (state) {
    case preparing:
      if (event == Event::prepared) return kind == HandoverKind::coordinated ? coordinating : transferring;
      break;
    case coordinating:
      if (event == Event::all_ready) return transferring;
      break;
    case transferring:
      if (event == Event::transferred) return validating;
      if (event == Event::transfer_failed || event == Event::timeout) return emergency ? validating : failed;
      break;
    case validating:
      if (event == Event::valid) return complete;
      if (event == Event::invalid) return failed;
      break;
    case complete:
    case failed: break;
  }
  if (event == Event::timeout) return failed;
  return std::nullopt;
}

bool Handover::on(HandoverEvent event) {
  const auto next = next_state(kind_, state_, event);
  if (!next) return false;
  if (state_ == transferring && *next == validating && event != Event::transferred) fell_back_ = true;
  state_ = *next;
  return true;
}

namespace {

double cosine(std::span<const double> a, std::span<const double> b) {
  if (a.size() != b.size()) return 0;
  double product = 0, aa = 0, bb = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += a[i] * b[i];
    aa += a[i] * a[i];
    bb += b[i] * b[i];
  }
  return aa > 0 && bb > 0 ? product / (std::sqrt(aa) * std::sqrt(bb)) : 0.0;
}

}  // namespace

Verdict validate(const HandoverParams& p, const ContextView& before, const ContextView& after) {
  Verdict v;
  v.identity = before.identity == after.identity;
  v.roles = std::ranges::is_permutation(before.roles, after.roles);
  v.history = before.history.size() <= after.history.size() &&
              std::equal(before.history.begin(), before.history.end(), after.history.begin());
  v.similarity = cosine(before.content, after.content);
  v.valid = v.identity && v.roles && v.history && v.similarity > p.similarity_valid;
  v.critical = !v.identity || v.similarity <= p.similarity_critical;
  return v;
}

double parallel_gain(const HandoverParams& p, std::size_t groups) {
  const double gain = p.group_gain * static_cast<double>(std::min(groups, static_cast<std::size_t>(p.most_groups)));
  return gain > p.least_gain ? std::min(gain, 1.0) : 0.0;
}

HandoverResult carry_out(const HandoverParams& p, HandoverKind kind, const HandoverPlan& plan) {
  Handover h(kind);
  HandoverResult out;
  /// The state ends with `event` after `needed` s, or with a timeout at its limit.
  const auto spend = [&](double needed, double limit, Event event) {
    out.seconds += std::min(needed, limit);
    h.on(needed <= limit ? event : Event::timeout);
  };
  spend(plan.checkpoint_s, p.checkpoint_limit.seconds, Event::prepared);
  if (h.state() == coordinating)
    spend(std::max(0.0, plan.ready_s - plan.checkpoint_s), p.readiness_limit.seconds, Event::all_ready);
  if (h.state() == transferring)
    spend(plan.transition_s, p.transition_limit.seconds, plan.transfer_works ? Event::transferred : Event::transfer_failed);
  const double similarity = h.fell_back() ? plan.snapshot_similarity : plan.similarity;
  if (h.state() == validating) {
    out.critical = similarity <= p.similarity_critical;
    h.on(similarity > p.similarity_valid ? Event::valid : Event::invalid);
  }
  out.state = h.state();
  out.fell_back = h.fell_back();
  return out;
}

}  // namespace dispatch
}  // namespace swarm
