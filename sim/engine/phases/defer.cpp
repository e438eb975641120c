#include <algorithm>
#include <array>
#include <limits>
#include <memory>
#include <numeric>
#include <tuple>
#include <vector>

#include "sim/core/parallel.hpp"
#include "sim/dispatch/schedule.hpp"
#include "sim/engine/phases.hpp"
#include "sim/engine/pieces.hpp"
#include "sim/engine/slot_work.hpp"
#include "sim/grid/green_window.hpp"

namespace swarm {
namespace engine {
namespace {

using dispatch::ScheduleSignal;
using dispatch::ScheduleStrategy;
using dispatch::SlotChooser;
using world::RegionState;
using world::World;

/// What is expected of a region's signal from this step to the horizon; the present step's value is known.
std::vector<double> expected_of(const World& w, RegionId region) {
  const auto& signals = w.plan->signals;
  const bool by_price = w.plan->scenario.schedule.strategy == ScheduleStrategy::price;
  std::vector<double> values(signals.horizon_steps() + std::size_t{1});
  for (std::uint32_t ahead = 0; ahead < values.size(); ++ahead)
    values[ahead] = by_price ? signals.forecast_price(region, w.step, ahead) : signals.forecast_intensity(region, w.step, ahead);
  return values;
}

bool lists(const World& w, std::size_t type, RegionId region) {
  const auto& first = w.bulletin.markets[type].first;
  return first[region.value] < first[region.value + 1u];
}

/// Slot by slot the least of what is expected in all regions with specialists of a type; empty where nobody has any.
using TypeSignals = std::array<std::vector<double>, workload::kProblemTypes>;
TypeSignals least_expected(const World& w) {
  std::vector<std::vector<double>> all(w.plan->regions.size());
  parallel_each(all.size(), [&](std::size_t i) { all[i] = expected_of(w, RegionId{static_cast<std::uint16_t>(i)}); });
  TypeSignals least;
  for (std::size_t t = 0; t < least.size(); ++t)
    for (std::uint16_t region = 0; region < all.size(); ++region) {
      if (!lists(w, t, RegionId{region})) continue;
      const auto& one = all[region];
      if (least[t].empty()) least[t] = one;
      for (std::size_t k = 0; k < one.size(); ++k) least[t][k] = std::min(least[t][k], one[k]);
    }
  return least;
}

/// Notes for each held request whether its time has come.
void mark_due(const World& w, RegionState& r) {
  auto& gone = r.scratch.let_go;
  gone.assign(r.held.size(), 0);
  for (std::size_t k = 0; k < gone.size(); ++k) gone[k] = r.held.release_step[k] <= w.step;
}

/// Counts a request that goes on; what the schedule gained by holding it is not asked of one that waited for an allowance.
void note_release(const World& w, RegionState& r, std::size_t held) {
  if (r.held.for_allowance[held] != 0) {
    ++r.energy.step.allowance_released;
    return;
  }
  const auto& signals = w.plan->signals;
  const std::uint32_t arrival = r.held.arrival_step[held], steps = w.step - arrival;
  const double before = signals.intensity(r.id, arrival);
  auto& s = r.schedule.step;
  ++s.released;
  s.held_s += w.plan->step_s * steps;
  s.gain += before - signals.intensity(r.id, w.step);
  if (w.plan->scenario.schedule.strategy != ScheduleStrategy::threshold) s.foreseen += before - signals.forecast_intensity(r.id, arrival, steps);
}

/// Leaves of the step's requests the rows of `keep`, and adds those let go, in order of (offset, step of arrival, sequence).
void rearrange(const World& w, RegionState& r, std::vector<std::size_t>& keep) {
  auto& q = r.scratch.requests;
  auto& seats = r.scratch.seats;
  const auto& gone = r.scratch.let_go;
  const std::size_t here = keep.size();
  for (std::size_t k = 0; k < gone.size(); ++k) {
    if (gone[k] == 0) continue;
    keep.push_back(q.size());
    r.held.restore(k, w.step, q);
    seats.push_back(r.held.seats[k]);
    note_release(w, r, k);
  }
  if (here == q.size()) return;  // nobody came or went
  const auto before = [&](std::size_t a, std::size_t b) {
    return std::tuple(q.offset_s[a], ~q.held_steps[a], q.sequence[a]) < std::tuple(q.offset_s[b], ~q.held_steps[b], q.sequence[b]);
  };
  const auto middle = keep.begin() + static_cast<std::ptrdiff_t>(here);
  std::sort(middle, keep.end(), before);
  std::inplace_merge(keep.begin(), middle, keep.end(), before);
  q.arrange(keep);
  const std::vector<std::uint8_t> wanted = seats;
  seats.resize(keep.size());
  for (std::size_t k = 0; k < keep.size(); ++k) seats[k] = wanted[keep[k]];
  if (keep.size() > here) r.held.erase(gone);
}

/// Where no schedule holds anything back: requests that waited for new allowances of energy go on.
void let_go_due(const World& w, RegionState& r) {
  if (r.held.size() == 0) return;
  mark_due(w, r);
  std::vector<std::size_t> keep(r.scratch.requests.size());
  std::iota(keep.begin(), keep.end(), std::size_t{0});
  rearrange(w, r, keep);
}

/// One region's requests that can wait: which of them are put away, which go on.
class Deferral {
 public:
  Deferral(const World& w, RegionState& r, const TypeSignals& least)
      : w_(w),
        r_(r),
        least_(least),
        schedule_(w.plan->scenario.schedule),
        slack_(slack_steps(*w.plan)),
        work_(w, r.id),
        ledger_(r.schedule.promised_us, w.step, work_.promised_at_most_us()) {}

  void run() {
    ledger_.forget_past();
    if (schedule_.strategy == ScheduleStrategy::threshold) watch();
    let_go();
    put_away();
    rearrange(w_, r_, keep_);
  }

 private:
  /// The intensity of a step as the requests of a type see it.
  double observed(std::size_t type, std::uint32_t step) const {
    const auto& plan = *w_.plan;
    if (schedule_.signal == ScheduleSignal::home) return plan.signals.intensity(r_.id, step);
    double least = std::numeric_limits<double>::infinity();
    for (std::uint16_t region = 0; region < plan.regions.size(); ++region)
      if (lists(w_, type, RegionId{region})) least = std::min(least, plan.signals.intensity(RegionId{region}, step));
    return least;
  }

  /// Strategy threshold: whether this step is clean enough, by problem type.
  void watch() {
    const auto memory = static_cast<std::uint32_t>(std::min(schedule_.threshold_memory.seconds / w_.plan->step_s, static_cast<double>(w_.step)));
    for (std::size_t t = 0; t < clean_.size(); ++t) {
      if (t > 0 && schedule_.signal == ScheduleSignal::home) {
        clean_[t] = clean_[0];
        continue;
      }
      std::vector<double> past;
      for (std::uint32_t step = w_.step - memory; step < w_.step; ++step) past.push_back(observed(t, step));
      clean_[t] = !(observed(t, w_.step) > dispatch::threshold_of(schedule_, past));
    }
  }

  /// Of held requests those whose time has come; under strategy threshold, as many as there is room for.
  void let_go() {
    mark_due(w_, r_);
    if (schedule_.strategy != ScheduleStrategy::threshold) return;
    const auto& held = r_.held;
    auto& gone = r_.scratch.let_go;
    for (std::size_t k = 0; k < held.size(); ++k) {
      if (gone[k] == 0 && (held.for_allowance[k] != 0 || !runs_now(held.type[k]))) continue;
      ledger_.promise(0, work_.of(held.type[k], held.tok_in[k], held.tok_out[k], held.seats[k]).work_us);
      gone[k] = 1;
    }
  }

  bool runs_now(std::size_t type) const { return clean_[type] && !ledger_.full(0); }

  /// Steps that a request of this step is to be held back.
  std::int64_t wait_of(std::size_t row) {
    const auto& q = r_.scratch.requests;
    const auto type = static_cast<std::size_t>(q.type[row]);
    dispatch::FlexibleWork work = work_.of(type, q.tok_in[row], q.tok_out[row], r_.scratch.seats[row]);
    work.slack = slack_;
    if (schedule_.strategy != ScheduleStrategy::threshold) return chooser(type).choose(work).value_or(0);
    if (!runs_now(type)) return slack_;
    ledger_.promise(0, work.work_us);
    return 0;
  }

  SlotChooser& chooser(std::size_t type) {
    const bool home = schedule_.signal == ScheduleSignal::home;
    auto& one = choosers_[home ? 0 : type];
    if (!one) {
      std::vector<double> expected = home ? expected_of(w_, r_.id) : least_[type];
      std::vector<std::uint8_t> green;
      if (schedule_.strategy == ScheduleStrategy::carbon) green = grid::green_slots(expected, schedule_.green_quantile);
      one = std::make_unique<SlotChooser>(schedule_.strategy, expected, std::move(green), ledger_);
    }
    return *one;
  }

  void put_away() {
    const auto& q = r_.scratch.requests;
    const std::size_t before = r_.held.size();
    keep_.clear();
    for (std::size_t row = 0; row < q.size(); ++row) {
      const std::int64_t wait = slack_ > 0 && q.flexible[row] != 0 ? wait_of(row) : 0;
      if (wait > 0)
        r_.held.push(q, row, r_.scratch.seats[row], w_.step, w_.step + static_cast<std::uint32_t>(wait));
      else
        keep_.push_back(row);
    }
    r_.scratch.let_go.resize(r_.held.size(), 0);
    r_.schedule.step.deferred = r_.held.size() - before;
  }

  const World& w_;
  RegionState& r_;
  const TypeSignals& least_;
  const dispatch::ScheduleParams& schedule_;
  std::int64_t slack_;
  SlotWork work_;
  dispatch::SlotLedger ledger_;
  std::array<bool, workload::kProblemTypes> clean_{};
  std::array<std::unique_ptr<SlotChooser>, workload::kProblemTypes> choosers_;
  std::vector<std::size_t> keep_;
};

}  // namespace

void defer(World& w) {
  const auto& schedule = w.plan->scenario.schedule;
  if (schedule.strategy == ScheduleStrategy::none) {
    if (w.plan->defers_for_allowance()) parallel_each(w.regions.size(), [&](std::size_t i) { let_go_due(w, w.regions[i]); });
    return;
  }
  TypeSignals least;
  if (schedule.signal == ScheduleSignal::least && schedule.strategy != ScheduleStrategy::threshold) least = least_expected(w);
  parallel_each(w.regions.size(), [&](std::size_t i) {
    resume_pieces(w, w.regions[i]);
    Deferral(w, w.regions[i], least).run();
  });
}

}  // namespace engine
}  // namespace swarm
