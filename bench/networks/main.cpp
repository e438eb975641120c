// Networks against other libraries and against what the machine can do: `bench_networks [--quick] [PART…]`
// prints one line of JSON per contestant and case (bench/networks/report.hpp); bench/run.py makes tables of
// them. Before anything is timed, all contestants' outputs are compared.
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <functional>
#include <string_view>

#include "bench/networks/integer.hpp"
#include "bench/networks/peers.hpp"
#include "bench/networks/report.hpp"
#include "bench/networks/training.hpp"

namespace {

using namespace swarm;
using namespace swarm::bench;

const nn::MlpShape kReference{{64, 128, 64, 10}};
const nn::MlpShape kTiny{{8, 16, 4}};
constexpr std::size_t kBatches[] = {1, 8, 32, 64};
/// fp32 sums in other orders differ by some hundred roundings at most.
constexpr double kTolerance = 1e-4;

struct Settings {
  bool quick;
  Effort effort;
};

/// What the first contestant, which is ours, computes in one pass.
std::vector<float> our_outputs(const Contestants& contestants) {
  contestants.front()->pass();
  return contestants.front()->outputs();
}

/// Compares outputs, adds the machine itself, lets all take turns.
void hold(const Case& what, Contestants contestants, const std::vector<float>& right, double tolerance,
          Arithmetic kind, bool with_stream, const Effort& effort) {
  expect_outputs(contestants, right, what.shape.widths.back(), tolerance, what.name());
  double peak_macs = 0;
  contestants.push_back(make_peak(kind, &peak_macs));
  if (with_stream) contestants.push_back(make_stream(static_cast<std::size_t>(what.bytes)));
  const Times times = alternate(contestants, effort);
  report_contest(what, contestants, times, peak_macs);
}

Case case_of(const char* part, const Problem& problem) {
  return {part, problem.shape, problem.models.size(), problem.batch, problem.macs(), problem.bytes()};
}

void infer(const char* part, const nn::MlpShape& shape, std::size_t models, std::size_t batch,
           const Effort& effort) {
  const Problem problem(shape, models, batch);
  Contestants contestants = fp32_contestants(problem);
  const std::vector<float> right = our_outputs(contestants);
  hold(case_of(part, problem), std::move(contestants), right, kTolerance, Arithmetic::fp32, batch == 1, effort);
}

/// The reference network with weights in the second level, the third, and memory.
void measure_reference(const Settings& settings) {
  for (const std::size_t models : {1, 100, 1000})
    for (const std::size_t batch : kBatches) infer("reference", kReference, models, batch, settings.effort);
}

/// Widths, depths, and sizes that fit no vector. As many models as fit into a quarter of the third level, 100
/// at most.
void measure_sweep(const Settings& settings) {
  std::vector<nn::MlpShape> shapes;
  for (const std::uint32_t width : {16, 32, 64, 128, 256, 512}) shapes.push_back({{width, width, width}});
  for (const std::size_t depth : {1, 3, 4, 5, 6})
    shapes.push_back({std::vector<std::uint32_t>(depth + 1, 64)});
  for (const std::uint32_t width : {7, 33, 100}) shapes.push_back({{width, width, width}});
  if (settings.quick) shapes = {{{33, 33, 33}}};
  for (const nn::MlpShape& shape : shapes)
    for (const std::size_t batch : kBatches) {
      const std::size_t fitting = caches().l3 / 4 / (nn::Architecture(shape).parameters() * sizeof(float));
      infer("sweep", shape, std::clamp<std::size_t>(fitting, 1, 100), batch, settings.effort);
    }
}

/// A hundred thousand agents, each with a network of its own, each acting once.
void measure_tiny(const Settings& settings) {
  infer("tiny", kTiny, 100'000, 1, settings.effort);
}

/// The reference network in integers, where the machine multiplies them. All outputs are exact.
void measure_integers(const char* part, nn::IntegerFormat format, const Settings& settings) {
  if (!has(Arithmetic::int8)) return;
  for (const std::size_t models : {1, 100, 1000})
    for (const std::size_t batch : kBatches) {
      const IntegerProblem problem(format, kReference, models, batch);
      hold({part, problem.shape, models, batch, problem.macs(), problem.bytes()},
           integer_contestants(problem), plain_integer_outputs(problem), 0, Arithmetic::int8, batch == 1,
           settings.effort);
    }
}

void measure_int8(const Settings& settings) {
  measure_integers("int8", nn::IntegerFormat::int8, settings);
}
void measure_int4(const Settings& settings) {
  measure_integers("int4", nn::IntegerFormat::int4, settings);
}

/// The reference network in bf16 throughout, where the machine multiplies pairs of it. Three layers that round weights and
/// inputs to 2^-8 of their size move outputs by about 1 % of the largest.
void measure_bf16(const Settings& settings) {
  constexpr double kRounding = 0.03;
  if (!has(Arithmetic::bf16)) return;
  for (const std::size_t models : {1, 100, 1000})
    for (const std::size_t batch : kBatches) {
      const Problem problem(kReference, models, batch);
      Contestants exact;
      exact.push_back(make_swarm(problem));
      hold({"bf16", problem.shape, models, batch, problem.macs(), problem.bytes() / 2}, bf16_contestants(problem),
           our_outputs(exact), kRounding, Arithmetic::bf16, batch == 1, settings.effort);
    }
}

void measure_training(const Settings& settings) {
  for (const std::size_t batch : {8, 32, 64}) {
    const Lesson lesson(kReference, batch);
    hold({"training", kReference, 1, batch, lesson.macs(),
          static_cast<double>(nn::Architecture(kReference).parameters() * sizeof(float))},
         training_contestants(lesson), our_outputs(training_contestants(lesson)), kTolerance, Arithmetic::fp32, false,
         settings.effort);
  }
}

/// The same call on one thread and on two.
void measure_threads(const Settings& settings) {
  for (const std::size_t batch : kBatches) {
    const Problem problem(kReference, 100, batch);
    Contestants contestants;
    for (const int threads : {1, 2}) contestants.push_back(make_swarm(problem, threads));
    expect_outputs(contestants, our_outputs(contestants), problem.outputs(), 0, "threads");
    report_threads(case_of("threads", problem), alternate(contestants, settings.effort, Clock::wall));
  }
}

struct Part {
  std::string_view name;
  std::function<void(const Settings&)> measure;
};
const Part kParts[] = {{"machine", [](const Settings&) { report_machine(); }},
                       {"reference", measure_reference},
                       {"sweep", measure_sweep},
                       {"int8", measure_int8},
                       {"int4", measure_int4},
                       {"bf16", measure_bf16},
                       {"training", measure_training},
                       {"tiny", measure_tiny},
                       {"threads", measure_threads}};

int run(std::vector<std::string_view> words) {
  Settings settings{false, {41, 1e-3}};
  if (const auto quick = std::find(words.begin(), words.end(), "--quick"); quick != words.end()) {
    settings = {true, {3, 2e-4}};
    words.erase(quick);
  }
  for (const std::string_view word : words)
    if (std::none_of(std::begin(kParts), std::end(kParts),
                     [&](const Part& part) { return part.name == word; })) {
      fmt::print(stderr, "bench_networks: {} is no part\n", word);
      return 2;
    }
  for (const Part& part : kParts)
    if (words.empty() || std::find(words.begin(), words.end(), part.name) != words.end())
      part.measure(settings);
  return 0;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    settle_environment(arguments);
    return run({arguments + 1, arguments + count});
  } catch (const std::exception& error) {
    fmt::print(stderr, "bench_networks: {}\n", error.what());
    return 1;
  }
}
