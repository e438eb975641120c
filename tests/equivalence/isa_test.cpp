#include "agents/nn/isa.hpp"
#include "agents/nn/infer.hpp"
#include "agents/tasks/generators.hpp"
#include "sim/scenario/load.hpp"
#include "support.hpp"

/// Instruction sets change no bit, neither of the trained weights, nor of any network output, nor of the
/// results.
namespace swarm::equivalence {
namespace {

/// Forces an instruction set while it lives.
class ForcedIsa {
 public:
  explicit ForcedIsa(nn::Isa set) { nn::force_isa_for_tests(set); }
  ~ForcedIsa() { nn::force_isa_for_tests(std::nullopt); }
  ForcedIsa(const ForcedIsa&) = delete;
  ForcedIsa& operator=(const ForcedIsa&) = delete;
};

struct Executed {
  History history;
  std::vector<Hash128> weights;  ///< of each base specialist
  std::vector<Hash128> outputs;  ///< of all networks in each step
};

/// Trains and runs on one instruction set; nothing comes from a cache.
Executed execute(nn::Isa set) {
  const ForcedIsa forced(set);
  Executed e;
  const auto s = scenario::load_text(everything_on(), "equivalence.toml", {});
  const PlanPtr plan = world::make_plan(s, {});
  for (const world::ModelInfo& m : plan->models)
    e.weights.push_back(hash128(m.base.model.data().data(), m.base.model.data().size_bytes()));
  e.history = run(plan, {.after_step = [&](Simulation& sim) {
                    const auto& outputs = sim.worlds().front()->batch.outputs;
                    EXPECT_FALSE(outputs.empty());
                    e.outputs.push_back(hash128(outputs.data(), outputs.size() * sizeof(float)));
                  }});
  return e;
}

class Isa : public ::testing::TestWithParam<nn::Isa> {};
INSTANTIATE_TEST_SUITE_P(, Isa, ::testing::Values(nn::Isa::avx2, nn::Isa::avx512),
                         [](const auto& p) { return std::string(enum_name(p.param)); });

TEST_P(Isa, ChangesNothing) {
  if (!nn::supported(GetParam())) GTEST_SKIP() << "instruction set absent: " << enum_name(GetParam());
  const Executed portable = execute(nn::Isa::portable), other = execute(GetParam());
  EXPECT_EQ(portable.weights, other.weights);
  EXPECT_EQ(portable.outputs, other.outputs);
  EXPECT_EQ(first_difference(portable.history, other.history), "");
}

/// A kernel that adds its terms in another order, as one that splits a sum over more lanes would.
std::vector<float> forward_backwards(const nn::Model& m, std::vector<float> x) {
  for (std::size_t l = 0; l < m.blocks(); ++l) {
    std::vector<float> y(m.bias(l).begin(), m.bias(l).begin() + static_cast<std::ptrdiff_t>(m.columns(l)));
    for (std::size_t i = m.rows(l); i-- > 0;)
      for (std::size_t o = 0; o < y.size(); ++o) y[o] += x[i] * m.weight(l, i, o);
    if (l + 1 < m.blocks())
      for (float& v : y) v = std::max(v, 0.0f);
    x = std::move(y);
  }
  return x;
}

TEST(IsaMutant, OtherOrderOfAdditionIsCaught) {
  std::size_t different = 0, rows = 0;
  Simulation sim(plan_of(everything_on()));
  const auto& w = *sim.worlds().front();
  do {  // until a step in which many are answered
    sim.step();
  } while (w.batch.rows.size() < 100 && !sim.done());
  for (const auto& group : w.batch.models)
    for (std::size_t k = group.first; k < group.first + group.count; ++k, ++rows) {
      const float* x = w.batch.inputs.data() + k * tasks::kInputs;
      const auto y = forward_backwards(w.weights.get(ModelId{group.model}), {x, x + tasks::kInputs});
      const float* executed = w.batch.outputs.data() + k * tasks::kClasses;
      for (std::size_t c = 0; c < tasks::kClasses; ++c)
        EXPECT_NEAR(y[c], executed[c], 1e-3f);                 // the same network …
      different += !std::equal(y.begin(), y.end(), executed);  // … in other bits
    }
  EXPECT_GT(rows, 100u);
  EXPECT_GT(different, rows / 2);
}

}  // namespace
}  // namespace swarm::equivalence
