#include <gtest/gtest.h>

#include <limits>

#include "onnx_nets.hpp"

// Attention as other programs write it: queries, keys and values projected apart.
namespace swarm::io {
namespace {

using sample::tensor;
using sample::whole;
using Ints = std::vector<std::int64_t>;

constexpr std::int64_t kRows = 5, kWidth = 8, kHeads = 2;

struct Parts {
  std::map<std::string, OnnxTensor> constants;
  std::vector<OnnxNode> nodes;
};

/// Scores divided by the root of 4, keys transposed in two steps, a mask, the input added.
Parts separate() {
  Parts p;
  for (const char* name : {"q", "k", "v", "o"}) {
    const std::string n = name;
    p.constants[n + "w"] = tensor({kWidth, kWidth}, 40 + static_cast<std::uint64_t>(name[0]));
    p.constants[n + "b"] = tensor({kWidth}, 90 + static_cast<std::uint64_t>(name[0]));
    if (n == "o") continue;
    p.nodes.push_back({n + "1", "MatMul", {"x", n + "w"}, {n + "1"}});
    p.nodes.push_back({n + "2", "Add", {n + "b", n + "1"}, {n + "2"}});
    p.nodes.push_back({n + "3", "Reshape", {n + "2", "cut"}, {n + "3"}});
    p.nodes.push_back({n + "4", "Transpose", {n + "3"}, {n + "4"}, {{"perm", Ints{0, 2, 1, 3}}}});
  }
  OnnxTensor mask{{1, 1, kRows, kRows}, true, std::vector<float>(kRows * kRows)};
  for (std::int64_t r = 0; r < kRows; ++r)
    for (std::int64_t c = r + 1; c < kRows; ++c)
      mask.floats[static_cast<std::size_t>(r * kRows + c)] = -std::numeric_limits<float>::infinity();
  p.constants["cut"] = whole({0, -1, kHeads, kWidth / kHeads});
  p.constants["join"] = whole({0, kRows, kWidth});
  p.constants["root"] = {{}, true, {2.0f}};
  p.constants["mask"] = mask;
  for (OnnxNode node : std::vector<OnnxNode>{{"kt", "Transpose", {"k4"}, {"kt"}, {{"perm", Ints{0, 1, 3, 2}}}},
                                             {"s1", "MatMul", {"q4", "kt"}, {"s1"}},
                                             {"s2", "Div", {"s1", "root"}, {"s2"}},
                                             {"s3", "Add", {"s2", "mask"}, {"s3"}},
                                             {"s4", "Softmax", {"s3"}, {"s4"}, {{"axis", std::int64_t{3}}}},
                                             {"c1", "MatMul", {"s4", "v4"}, {"c1"}},
                                             {"c2", "Transpose", {"c1"}, {"c2"}, {{"perm", Ints{0, 2, 1, 3}}}},
                                             {"c3", "Reshape", {"c2", "join"}, {"c3"}},
                                             {"o1", "MatMul", {"c3", "ow"}, {"o1"}},
                                             {"o2", "Add", {"o1", "ob"}, {"o2"}},
                                             {"y", "Add", {"o2", "x"}, {"y"}}})
    p.nodes.push_back(node);
  return p;
}

class OnnxAttentionTest : public testing::Test {
 protected:
  std::filesystem::path save(const Parts& p) {
    save_onnx(sample::graph({kRows, kWidth}, p.nodes, p.constants), folder_ / "net.onnx");
    return folder_ / "net.onnx";
  }
  OnnxNode& node(Parts& p, const std::string& name) {
    for (OnnxNode& n : p.nodes)
      if (n.name == name) return n;
    throw std::runtime_error("no node " + name);
  }
  sample::Folder folder_;
};

TEST_F(OnnxAttentionTest, ReadsSeparateProjections) {
  const Parts p = separate();
  const nn::Model model = read_onnx(save(p));
  EXPECT_TRUE(model.architecture() == (nn::Architecture{{kRows, kWidth}, {nn::Attention{kHeads, 0, true, true}}}));
  const std::string names[] = {"q", "k", "v"};
  for (std::size_t part = 0; part < 3; ++part)
    for (std::size_t o = 0; o < kWidth; ++o) {
      for (std::size_t i = 0; i < kWidth; ++i)
        EXPECT_EQ(model.weight(part, i, o), p.constants.at(names[part] + "w").floats[i * kWidth + o]);
      EXPECT_EQ(model.bias(part)[o], p.constants.at(names[part] + "b").floats[o]);
    }
  for (std::size_t o = 0; o < kWidth; ++o) EXPECT_EQ(model.bias(3)[o], p.constants.at("ob").floats[o]);
}

// The same operators otherwise arranged are not taken for attention, and the message says what differs.
TEST_F(OnnxAttentionTest, SaysWhatDiffers) {
  const auto refused = [&](auto change, const char* words) {
    Parts p = separate();
    change(p);
    const std::string text = sample::problem_of(save(p));
    EXPECT_NE(text.find("this is no attention"), std::string::npos) << text;
    EXPECT_NE(text.find(words), std::string::npos) << text;
  };
  refused([](Parts& p) { p.constants["root"].floats[0] = 3; }, "scores are not divided by the root");
  refused([](Parts& p) { p.constants["mask"].floats[0] = 1; }, "the mask is not that of causal attention");
  refused([](Parts& p) { p.constants["mask"].floats[1] = 0; }, "the mask is not that of causal attention");
  refused([](Parts& p) { p.constants["cut"].integers = {0, -1, 4, 4}; }, "heads are cut otherwise");
  refused([](Parts& p) { p.constants["cut"].integers = {7, -1, 2, 4}; }, "values are not cut into heads");
  refused([&](Parts& p) { node(p, "s4").attributes["axis"] = std::int64_t{2}; }, "the softmax is not over the keys");
  refused([&](Parts& p) { node(p, "kt").attributes["perm"] = Ints{0, 1, 2, 3}; }, "heads are transposed otherwise");
  refused([&](Parts& p) { node(p, "c2").attributes["perm"] = Ints{0, 1, 2, 3}; }, "heads are put together otherwise");
  refused([&](Parts& p) { node(p, "v1").inputs[0] = "q2"; }, "not projected from the input");
  refused([](Parts& p) { p.constants["vw"].dims = {4, 16}; }, "a projection has other extents");
  refused([](Parts& p) { p.constants["vb"].dims = {8, 1}; }, "a bias has other extents");
  Parts p = separate();
  node(p, "y").inputs[1] = "q2";
  EXPECT_NE(sample::problem_of(save(p)).find("node 'y' (Add) adds two computed values"), std::string::npos);
}

}  // namespace
}  // namespace swarm::io
