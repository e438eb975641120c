#include "agents/tasks/base_models.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <set>
#include <string>

#include "agents/nn/isa.hpp"
#include "agents/nn/network.hpp"
#include "sim/core/hash.hpp"
#include "sim/core/parallel.hpp"

namespace swarm {
namespace tasks {
namespace {

namespace fs = std::filesystem;

SpecialistParams small() {
  SpecialistParams params;
  params.hidden_1 = 24;
  params.hidden_2 = 12;
  params.lineages = 2;
  params.training_samples = 500;  // not a multiple of the batch: the last one is short
  return params;
}

/// All that training can be asked for, in the family.
SpecialistParams demanding(Family family, Pruning pruning) {
  SpecialistParams params = small();
  params.family = family;
  params.channels = 8;
  params.distillation = true;
  params.pruning = pruning;
  params.finetune_samples = 100;
  params.lineages = 1;
  params.top_keys = 0.5;
  params.causal = true;
  params.format = nn::Format::int8;
  params.calibration = Calibration::fixed;
  return params;
}

Hash128 digest(const std::vector<BaseModel>& models) {
  Hasher hasher;
  for (const BaseModel& base : models) {
    hasher.number((static_cast<std::uint64_t>(base.type) << 32) | base.lineage);
    const std::vector<float> parameters = base.model.packed();
    hasher.bytes(parameters.data(), parameters.size() * sizeof(float));
    hasher.bytes(&base.test_accuracy, sizeof base.test_accuracy);
    for (const nn::Affine& range : base.ranges) {
      hasher.bytes(&range.scale, sizeof range.scale);
      hasher.number(static_cast<std::uint64_t>(range.zero_point));
    }
  }
  return hasher.result();
}

class CachedModels : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (fs::temp_directory_path() / "swarm_base_XXXXXX").string();
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    dir_ = name;
  }
  void TearDown() override { fs::remove_all(dir_); }
  fs::path dir_;
};

TEST(BaseModels, ComeInOrderOfTypeAndLineage) {
  bool cached = true;
  const auto models = base_models(small(), 1, {}, &cached);
  EXPECT_FALSE(cached) << "there is no cache";
  ASSERT_EQ(models.size(), 8u);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(static_cast<std::size_t>(models[i].type), i / 2);
    EXPECT_EQ(models[i].lineage, i % 2);
    EXPECT_EQ(models[i].model.architecture(), nn::Architecture(nn::MlpShape{{64, 24, 12, 10}}));
  }
  EXPECT_NE(models[0].model.packed(), models[1].model.packed()) << "lineages differ";
  SpecialistParams shallow = small();
  shallow.hidden_2 = 0;
  EXPECT_EQ(base_models(shallow, 1, {})[0].model.architecture(), nn::Architecture(nn::MlpShape{{64, 24, 10}}));
}

TEST(BaseModels, AreTheSameForAnyThreadsAndInstructionSet) {
  const Hash128 want = digest(base_models(small(), 1, {}));
  for (const int threads : {1, 3}) {
    const ThreadLimit limit(threads);
    EXPECT_EQ(digest(base_models(small(), 1, {})), want) << threads;
  }
  for (const nn::Isa isa : {nn::Isa::portable, nn::Isa::avx2, nn::Isa::avx512}) {
    if (!nn::supported(isa)) continue;
    nn::force_isa_for_tests(isa);
    EXPECT_EQ(digest(base_models(small(), 1, {})), want) << enum_name(isa);
  }
  nn::force_isa_for_tests(std::nullopt);
  EXPECT_NE(digest(base_models(small(), 2, {})), want) << "the seed counts";
}

TEST(BaseModels, OfEveryFamilyAreTheSameForAnyThreadsAndInstructionSet) {
  for (const SpecialistParams& params :
       {demanding(Family::mlp, Pruning::unstructured), demanding(Family::conv, Pruning::structured),
        demanding(Family::attention, Pruning::unstructured)}) {
    const Hash128 want = [&] {
      const ThreadLimit two(2);
      return digest(base_models(params, 1, {}));
    }();
    const ThreadLimit one(1);
    for (const nn::Isa isa : {nn::Isa::portable, nn::Isa::avx2, nn::Isa::avx512}) {
      if (!nn::supported(isa)) continue;
      nn::force_isa_for_tests(isa);
      EXPECT_EQ(digest(base_models(params, 1, {})), want)
          << enum_name(params.family) << ' ' << enum_name(isa);
    }
    nn::force_isa_for_tests(std::nullopt);
    EXPECT_NE(digest(base_models(params, 2, {})), want) << "the seed counts";
  }
}

// Whoever changes what training yields must raise kTrainingCodeVersion, or old caches would be believed; then
// put the new digest here.
TEST(BaseModels, AnyChangeOfTrainingRaisesItsVersion) {
  EXPECT_EQ(kTrainingCodeVersion, 1u);
  EXPECT_EQ(digest(base_models(small(), 1, {})).hex(), "3b14b9f569c7c7383977bbcda03f0666");
  EXPECT_EQ(digest(base_models(demanding(Family::conv, Pruning::structured), 1, {})).hex(),
            "958645bcbc951c12498dca5c07158d70");
  EXPECT_EQ(digest(base_models(demanding(Family::attention, Pruning::unstructured), 1, {})).hex(),
            "cfe2b8ac42cf0f8a9516f1cf0f142186");
}

TEST_F(CachedModels, HaveTheSameBits) {
  const Hash128 want = digest(base_models(small(), 1, {}));
  for (int run = 0; run < 2; ++run) {
    bool cached = false;
    EXPECT_EQ(digest(base_models(small(), 1, dir_ / "cache", &cached)), want);
    EXPECT_TRUE(cached);
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(dir_ / "cache"), {}), 8);
}

TEST_F(CachedModels, AreReadFromTheCache) {
  base_models(small(), 1, dir_);
  const Hash128 good = digest(base_models(small(), 1, dir_));
  // Two entries change places: each is whole, but of another key. Were they believed, the digest would
  // change.
  auto file = fs::directory_iterator(dir_);
  const fs::path a = *file++, b = *file;
  fs::rename(a, dir_ / "t");
  fs::rename(b, a);
  fs::rename(dir_ / "t", b);
  EXPECT_EQ(digest(base_models(small(), 1, dir_)), good);
}

TEST_F(CachedModels, DamagedFilesAreReplaced) {
  const Hash128 want = digest(base_models(small(), 1, dir_));
  std::size_t n = 0;
  std::vector<std::uintmax_t> sizes;
  for (const auto& entry : fs::directory_iterator(dir_)) {
    sizes.push_back(fs::file_size(entry));
    if (n % 2 == 0)
      fs::resize_file(entry, sizes.back() / 2);
    else
      std::fstream(entry.path(), std::ios::in | std::ios::out | std::ios::binary).seekp(100).put('!');
    ++n;
  }
  bool cached = false;
  EXPECT_EQ(digest(base_models(small(), 1, dir_, &cached)), want);
  EXPECT_TRUE(cached);
  for (const auto& entry : fs::directory_iterator(dir_)) EXPECT_EQ(fs::file_size(entry), sizes.front());
}

TEST_F(CachedModels, EveryPartOfTheSpecificationHasItsOwnEntry) {
  SpecialistParams params = small();
  params.lineages = 1;
  const auto entries = [&] { return std::distance(fs::directory_iterator(dir_), {}); };
  const auto grow = [&](auto&& change, std::uint64_t seed) {
    SpecialistParams changed = params;
    change(changed);
    base_models(changed, seed, dir_);
  };
  grow([](SpecialistParams&) {}, 1);
  EXPECT_EQ(entries(), 4);
  grow([](SpecialistParams& p) { p.lineages = 2; }, 1);  // lineage 0 is there already
  EXPECT_EQ(entries(), 8);
  grow([](SpecialistParams&) {}, 2);
  grow([](SpecialistParams& p) { p.hidden_1 = 25; }, 1);
  grow([](SpecialistParams& p) { p.hidden_2 = 13; }, 1);
  grow([](SpecialistParams& p) { p.training_samples = 501; }, 1);
  grow([](SpecialistParams& p) { p.batch = 31; }, 1);
  grow([](SpecialistParams& p) { p.learning_rate = 0.06; }, 1);
  grow([](SpecialistParams& p) { p.momentum = 0.8; }, 1);
  EXPECT_EQ(entries(), 8 + 7 * 4);
  grow([](SpecialistParams& p) { p.nominal_vision = 2e7; }, 1);  // no matter for training
  EXPECT_EQ(entries(), 8 + 7 * 4);
}

TEST_F(CachedModels, EveryFamilyPruningAndLessonHasItsOwnEntry) {
  const auto entries = [&] { return std::distance(fs::directory_iterator(dir_), {}); };
  const auto added = [&](Family family, auto&& change) {
    const auto before = entries();
    SpecialistParams changed = demanding(family, Pruning::unstructured);
    change(changed);
    base_models(changed, 1, dir_);
    return entries() - before;
  };
  const auto same = [](SpecialistParams&) {};
  EXPECT_EQ(added(Family::attention, same), 4);
  EXPECT_EQ(added(Family::attention, [](SpecialistParams& p) { p.heads = 2; }), 4);
  EXPECT_EQ(added(Family::attention, [](SpecialistParams& p) { p.top_keys = 0; }), 4);
  EXPECT_EQ(added(Family::attention, [](SpecialistParams& p) { p.causal = false; }), 4);
  EXPECT_EQ(added(Family::conv, same), 4);
  EXPECT_EQ(added(Family::conv, [](SpecialistParams& p) { p.channels = 12; }), 4);
  EXPECT_EQ(added(Family::conv, [](SpecialistParams& p) { p.kernel = 5; }), 4);
  EXPECT_EQ(added(Family::conv, [](SpecialistParams& p) { p.optimiser = Optimiser::adam; }), 0)
      << "as by-family has it";
  EXPECT_EQ(added(Family::conv, [](SpecialistParams& p) { p.optimiser = Optimiser::sgd; }), 4);
  EXPECT_EQ(added(Family::conv, [](SpecialistParams& p) { p.adam_learning_rate = 0.002; }), 4);
  EXPECT_EQ(added(Family::mlp, same), 4);
  EXPECT_EQ(added(Family::mlp, [](SpecialistParams& p) { p.optimiser = Optimiser::sgd; }), 0)
      << "as by-family has it";
  EXPECT_EQ(added(Family::mlp, [](SpecialistParams& p) { p.channels = 12; }), 0)
      << "which perceptrons do not have";
  EXPECT_EQ(added(Family::mlp, [](SpecialistParams& p) { p.distillation = false; }), 4);
  EXPECT_EQ(added(Family::mlp, [](SpecialistParams& p) { p.teacher_width = 3; }), 4);
  EXPECT_EQ(added(Family::mlp, [](SpecialistParams& p) { p.temperature = 3; }), 4);
  EXPECT_EQ(added(Family::mlp, [](SpecialistParams& p) { p.teacher_share = 0.4; }), 4);
  EXPECT_EQ(added(Family::mlp, [](SpecialistParams& p) { p.pruning = Pruning::none; }), 4);
  EXPECT_EQ(added(Family::mlp, [](SpecialistParams& p) { p.pruning = Pruning::structured; }), 4);
  EXPECT_EQ(added(Family::mlp, [](SpecialistParams& p) { p.pruned_weights = 0.4; }), 4);
  EXPECT_EQ(added(Family::mlp, [](SpecialistParams& p) { p.pruned_neurons = 0.4; }), 0)
      << "of the other pruning";
  EXPECT_EQ(added(Family::mlp, [](SpecialistParams& p) { p.finetune_samples = 120; }), 4);
}

// The cache holds what was trained; a format is made from it each time.
TEST_F(CachedModels, AFormatIsNotTrained) {
  SpecialistParams params = small();
  params.lineages = 1;
  const auto full = base_models(params, 1, dir_);
  for (const auto& entry : fs::directory_iterator(dir_)) fs::remove(entry);
  params.training_samples = 501;
  const auto other = base_models(params, 1, dir_);
  for (const nn::Format format : {nn::Format::bf16, nn::Format::fp16, nn::Format::int8, nn::Format::int4})
    for (const Calibration calibration : {Calibration::dynamic, Calibration::fixed}) {
      params.format = format;
      params.calibration =
          format == nn::Format::int8 || format == nn::Format::int4 ? calibration : Calibration::dynamic;
      bool cached = false;
      const auto models = base_models(params, 1, dir_, &cached);
      EXPECT_TRUE(cached);
      EXPECT_EQ(std::distance(fs::directory_iterator(dir_), {}), 4)
          << "one entry per model, whatever the format";
      for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(models[i].model.packed(), other[i].model.packed());
        EXPECT_NE(models[i].model.packed(), full[i].model.packed());
        EXPECT_EQ(models[i].numerics.format, format);
        EXPECT_EQ(models[i].ranges.size(), params.calibration == Calibration::fixed ? 3u : 0u)
            << "one per matrix";
        EXPECT_EQ(models[i].test_accuracy,
                  held_out_accuracy(Mixture(NeutralStyles(), 1, {models[i].type, 0}),
                                    nn::PackedModel(models[i].model, models[i].numerics, models[i].ranges)))
            << "as it runs";
      }
    }
}

TEST(BaseModels, KeysTellApartWhatDiffers) {
  std::set<std::string> keys;
  std::size_t made = 0;
  const auto add = [&](auto&& change) {
    SpecialistParams params = small();
    change(params);
    keys.insert(base_models_key(params, 1).hex());
    ++made;
  };
  add([](SpecialistParams&) {});
  add([](SpecialistParams& p) { p.lineages = 3; });
  add([](SpecialistParams& p) { p.format = nn::Format::int8; });
  add([](SpecialistParams& p) { p.format = nn::Format::int8, p.calibration = Calibration::fixed; });
  add([](SpecialistParams& p) { p.pruning = Pruning::unstructured; });
  add([](SpecialistParams& p) { p.pruning = Pruning::structured; });
  add([](SpecialistParams& p) { p.onnx_vision = "/a.onnx"; });
  add([](SpecialistParams& p) { p.onnx_language = "/a.onnx"; });
  EXPECT_EQ(keys.size(), made);
  add([](SpecialistParams& p) { p.nominal_vision = 2e7; });
  EXPECT_EQ(keys.size(), made - 1);
}

TEST_F(CachedModels, AnUnusableDirectoryOnlyMeansNoCache) {
  std::ofstream(dir_ / "file") << "not a directory";
  bool cached = true;
  EXPECT_EQ(digest(base_models(small(), 1, dir_ / "file", &cached)), digest(base_models(small(), 1, {})));
  EXPECT_FALSE(cached);
}

}  // namespace
}  // namespace tasks
}  // namespace swarm
