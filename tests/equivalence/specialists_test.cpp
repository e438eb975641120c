#include <set>

#include "agents/nn/isa.hpp"
#include "sim/scenario/load.hpp"
#include "support.hpp"

/// Specialists of every family, format and form of pruning: trained and run, they give the same bits on every instruction
/// set, however the work is divided, and do something of their own.
namespace swarm::equivalence {
namespace {

using Overrides = std::vector<std::string>;

struct Kind {
  std::string name;
  Overrides keys;
};

void PrintTo(const Kind& kind, std::ostream* out) { *out << kind.name; }

std::vector<Kind> kinds() {
  return {
      {"Int8Static", {"format=int8", "calibration=static"}},
      {"Int4", {"format=int4"}},
      {"HalfConv", {"family=conv", "format=fp16"}},
      {"BrainAttention", {"family=attention", "format=bf16", "top_keys=0.5", "causal=true"}},
      {"Int8Attention", {"family=attention", "format=int8", "calibration=static"}},
      {"SparseDistilled", {"pruning=unstructured", "distillation=true", "finetune_samples=500"}},
      {"PrunedConv", {"family=conv", "pruning=structured", "finetune_samples=500", "format=int8"}},
      {"Adam", {"optimiser=adam"}},
  };
}

/// Trains and runs on one instruction set; nothing comes from a cache.
History execute(nn::Isa set, const Overrides& keys, const std::string& shards) {
  nn::force_isa_for_tests(set);
  Overrides overrides{"specialists.training_samples=2000", "engine.shards=" + shards};
  for (const auto& key : keys) overrides.push_back("specialists." + key);
  History history = run(world::make_plan(scenario::load_text(everything_on(), "equivalence.toml", overrides), {}));
  nn::force_isa_for_tests(std::nullopt);
  return history;
}

class Specialists : public ::testing::TestWithParam<Kind> {};
INSTANTIATE_TEST_SUITE_P(, Specialists, ::testing::ValuesIn(kinds()), [](const auto& p) { return p.param.name; });

TEST_P(Specialists, RepeatThemselves) {
  const History portable = execute(nn::Isa::portable, GetParam().keys, "1");
  for (const nn::Isa set : {nn::Isa::avx2, nn::Isa::avx512})
    if (nn::supported(set))
      with_threads(3, [&] { EXPECT_EQ(first_difference(portable, execute(set, GetParam().keys, "2")), "") << enum_name(set); });
}

TEST(Specialist, EachKindDoesSomethingOfItsOwn) {
  std::set<std::string> digests{execute(nn::Isa::portable, {}, "1").digest};
  for (const Kind& kind : kinds()) digests.insert(execute(nn::Isa::portable, kind.keys, "1").digest);
  EXPECT_EQ(digests.size(), kinds().size() + 1);
}

}  // namespace
}  // namespace swarm::equivalence
