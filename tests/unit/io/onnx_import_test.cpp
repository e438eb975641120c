#include <gtest/gtest.h>

#include "onnx_nets.hpp"

// Graphs as other programs write them.
namespace swarm::io {
namespace {

using sample::graph;
using sample::tensor;
using sample::whole;
using Ints = std::vector<std::int64_t>;

class OnnxImport : public testing::Test {
 protected:
  nn::Model read(const OnnxGraph& g) {
    save_onnx(g, folder_ / "net.onnx");
    return read_onnx(folder_ / "net.onnx");
  }
  std::string problem(const OnnxGraph& g) {
    save_onnx(g, folder_ / "net.onnx");
    return sample::problem_of(folder_ / "net.onnx");
  }
  /// Refused, with the node and these words.
  void refused(const OnnxGraph& g, const std::string& words) {
    const std::string text = problem(g);
    EXPECT_EQ(text.substr(0, 7), "input: ") << text;
    EXPECT_NE(text.find("net.onnx"), std::string::npos) << text;
    EXPECT_NE(text.find(words), std::string::npos) << text;
  }
  sample::Folder folder_;
};

OnnxNode gemm(std::map<std::string, OnnxAttribute> attributes, bool bias = true) {
  OnnxNode node{"fc", "Gemm", {"x", "w"}, {"y"}, std::move(attributes)};
  if (bias) node.inputs.push_back("b");
  return node;
}

TEST_F(OnnxImport, GemmMultipliesItsFactorsIn) {
  const OnnxTensor w = tensor({3, 4}, 1), b = tensor({1, 4}, 2);
  const nn::Model model = read(graph({3}, {gemm({{"alpha", 0.5f}, {"beta", 2.0f}})}, {{"w", w}, {"b", b}}));
  EXPECT_TRUE(model.architecture() == (nn::Architecture{{1, 3}, {nn::Linear{4}}}));
  for (std::size_t i = 0; i < 12; ++i) EXPECT_EQ(model.packed()[i], 0.5f * w.floats[i]);
  for (std::size_t o = 0; o < 4; ++o) EXPECT_EQ(model.bias(0)[o], 2.0f * b.floats[o]);
}

TEST_F(OnnxImport, GemmWithoutBiasAndWithOneForAll) {
  const OnnxTensor w = tensor({4, 3}, 1);
  EXPECT_EQ(read(graph({3}, {gemm({{"transB", std::int64_t{1}}}, false)}, {{"w", w}})).bias(0)[2], 0.0f);
  const nn::Model model =
      read(graph({3}, {gemm({{"transB", std::int64_t{1}}})}, {{"w", w}, {"b", {{}, true, {7.0f}}}}));
  for (std::size_t o = 0; o < 4; ++o) EXPECT_EQ(model.bias(0)[o], 7.0f);
}

TEST_F(OnnxImport, RefusesAGemmThatMixesSamples) {
  const OnnxTensor w = tensor({3, 4}, 1);
  refused(graph({3}, {gemm({{"transA", std::int64_t{1}}})}, {{"w", w}, {"b", tensor({4}, 2)}}),
          "node 'fc' (Gemm) mixes samples");
  refused(graph({3}, {gemm({})}, {{"w", w}, {"b", tensor({2, 4}, 2)}}), "differs from sample to sample");
  refused(graph({5}, {gemm({})}, {{"w", w}, {"b", tensor({4}, 2)}}), "has weights for 3 inputs (5 come in)");
}

// Convolution first: the signal comes as [batch][channels][positions] and has positions as rows here.
TEST_F(OnnxImport, ReadsASignalChannelsFirst) {
  const OnnxTensor depthwise = tensor({4, 1, 3}, 1), pointwise = tensor({6, 4, 1}, 2), bias = tensor({6}, 3),
                   w = tensor({2, 48}, 4);
  const OnnxGraph g = graph({4, 8},
                            {{"dw", "Conv", {"x", "dw.w"}, {"a"}, {{"group", std::int64_t{4}}, {"pads", Ints{1, 1}}}},
                             {"pw", "Conv", {"a", "pw.w", "pw.b"}, {"b"}},
                             {"act", "Relu", {"b"}, {"c"}},
                             {"flat", "Flatten", {"c"}, {"d"}},
                             {"fc", "Gemm", {"d", "w"}, {"y"}, {{"transB", std::int64_t{1}}}}},
                            {{"dw.w", depthwise}, {"pw.w", pointwise}, {"pw.b", bias}, {"w", w}});
  const nn::Model model = read(g);
  EXPECT_TRUE(model.architecture() ==
              (nn::Architecture{{8, 4},
                                {nn::DepthwiseConv{3, 1, 1, 1, 1}, nn::Linear{6, nn::Activation::relu}, nn::Flatten{},
                                 nn::Linear{2}}}));
  for (std::size_t c = 0; c < 4; ++c) {
    for (std::size_t t = 0; t < 3; ++t) EXPECT_EQ(model.weight(0, t, c), depthwise.floats[c * 3 + t]);
    for (std::size_t o = 0; o < 6; ++o) EXPECT_EQ(model.weight(1, c, o), pointwise.floats[o * 4 + c]);
  }
  for (std::size_t row = 0; row < 8; ++row)
    for (std::size_t c = 0; c < 6; ++c)
      for (std::size_t o = 0; o < 2; ++o)
        EXPECT_EQ(model.weight(2, row * 6 + c, o), w.floats[o * 48 + c * 8 + row]) << "the flattened order differs";
}

TEST_F(OnnxImport, PadsByRule) {
  const auto conv = [&](const char* rule, std::int64_t stride) {
    return read(graph({2, 9},
                      {{"c",
                        "Conv",
                        {"x", "w"},
                        {"y"},
                        {{"group", std::int64_t{2}}, {"auto_pad", std::string(rule)}, {"strides", Ints{stride}}}}},
                      {{"w", tensor({2, 1, 4}, 1)}}))
        .architecture()
        .layers[0];
  };
  EXPECT_EQ(std::get<nn::DepthwiseConv>(conv("SAME_UPPER", 1)), (nn::DepthwiseConv{4, 1, 1, 1, 2}));
  EXPECT_EQ(std::get<nn::DepthwiseConv>(conv("SAME_LOWER", 1)), (nn::DepthwiseConv{4, 1, 1, 2, 1}));
  EXPECT_EQ(std::get<nn::DepthwiseConv>(conv("SAME_UPPER", 3)), (nn::DepthwiseConv{4, 3, 1, 0, 1}));
  EXPECT_EQ(std::get<nn::DepthwiseConv>(conv("VALID", 2)), (nn::DepthwiseConv{4, 2, 1, 0, 0}));
}

TEST_F(OnnxImport, ReadsMeansOfPositions) {
  const nn::Architecture expected{{8, 4}, {nn::DepthwiseConv{3}, nn::MeanRows{}, nn::Linear{2}}};
  const OnnxNode conv{"dw", "Conv", {"x", "c"}, {"a"}, {{"group", std::int64_t{4}}}},
      fc{"fc", "Gemm", {"v", "w"}, {"y"}};
  const std::map<std::string, OnnxTensor> constants{
      {"c", tensor({4, 1, 3}, 1)}, {"w", tensor({4, 2}, 2)}, {"axes", whole({2})}, {"shape", whole({0, -1})}};
  EXPECT_TRUE(read(graph({4, 8}, {conv, {"g", "GlobalAveragePool", {"a"}, {"m"}}, {"f", "Flatten", {"m"}, {"v"}}, fc},
                         constants))
                  .architecture() == expected);
  EXPECT_TRUE(
      read(graph({4, 8}, {conv, {"g", "GlobalAveragePool", {"a"}, {"m"}}, {"f", "Reshape", {"m", "shape"}, {"v"}}, fc},
                 constants))
          .architecture() == expected);
  EXPECT_TRUE(
      read(graph({4, 8}, {conv, {"g", "GlobalAveragePool", {"a"}, {"m"}}, {"f", "Squeeze", {"m", "axes"}, {"v"}}, fc},
                 constants))
          .architecture() == expected);
  EXPECT_TRUE(
      read(graph({4, 8},
                 {conv, {"g", "ReduceMean", {"a"}, {"v"}, {{"axes", Ints{-1}}, {"keepdims", std::int64_t{0}}}}, fc},
                 constants))
          .architecture() == expected);
  EXPECT_TRUE(read(graph({4, 8}, {conv, {"g", "ReduceMean", {"a", "axes"}, {"v"}, {{"keepdims", std::int64_t{0}}}}, fc},
                         constants, 18))
                  .architecture() == expected);
  refused(
      graph({4, 8}, {conv, {"g", "ReduceMean", {"a"}, {"v"}, {{"axes", Ints{1}}, {"keepdims", std::int64_t{0}}}}, fc},
            constants),
      "node 'g' (ReduceMean) is no mean of rows");
}

TEST_F(OnnxImport, ReadsPicturesAsVectorsOnly) {
  const std::map<std::string, OnnxTensor> constants{{"w", tensor({48, 2}, 2)}, {"shape", whole({-1, 48})}};
  const nn::Architecture expected{{1, 48}, {nn::Linear{2}}};
  EXPECT_TRUE(read(graph({3, 4, 4}, {{"f", "Flatten", {"x"}, {"v"}}, {"fc", "Gemm", {"v", "w"}, {"y"}}}, constants))
                  .architecture() == expected);
  EXPECT_TRUE(
      read(graph({3, 4, 4}, {{"f", "Reshape", {"x", "shape"}, {"v"}}, {"fc", "Gemm", {"v", "w"}, {"y"}}}, constants))
          .architecture() == expected);
  refused(graph({3, 4, 4}, {{"c", "Conv", {"x", "k"}, {"y"}}}, {{"k", tensor({2, 3, 3, 3}, 1)}}), "node 'c' (Conv)");
  refused(graph({3, 4}, {{"c", "Conv", {"x", "k"}, {"y"}}}, {{"k", tensor({2, 3, 3, 3}, 1)}}), "4 dimensions");
}

TEST_F(OnnxImport, RefusesOtherConvolutions) {
  refused(graph({4, 8}, {{"full", "Conv", {"x", "w"}, {"y"}}}, {{"w", tensor({6, 4, 3}, 1)}}),
          "node 'full' (Conv) is neither depthwise nor pointwise");
  refused(graph({4, 8}, {{"twice", "Conv", {"x", "w"}, {"y"}, {{"group", std::int64_t{4}}}}},
                {{"w", tensor({8, 1, 3}, 1)}}),
          "neither depthwise nor pointwise");
  refused(graph({4, 8}, {{"step", "Conv", {"x", "w"}, {"y"}, {{"strides", Ints{2}}}}}, {{"w", tensor({6, 4, 1}, 1)}}),
          "neither depthwise nor pointwise");
  refused(
      graph({4, 8}, {{"long", "Conv", {"x", "w"}, {"y"}, {{"group", std::int64_t{4}}}}}, {{"w", tensor({4, 1, 9}, 1)}}),
      "longer than the padded signal (it has 8 positions)");
  refused(graph({4, 8}, {{"odd", "Conv", {"x", "w"}, {"y"}, {{"group", std::int64_t{4}}, {"pads", Ints{-1, 0}}}}},
                {{"w", tensor({4, 1, 3}, 1)}}),
          "has pads other");
}

TEST_F(OnnxImport, SeesThroughWhatDoesNothingAndWhatIsNotUsed) {
  const nn::Model model = read(graph({3},
                                     {{"i", "Identity", {"w0"}, {"w"}},
                                      {"unused", "Sin", {"x"}, {"z"}},
                                      {"d", "Dropout", {"x"}, {"x2", "mask"}},
                                      {"p", "MatMul", {"x2", "w"}, {"p"}},
                                      {"q", "Identity", {"p"}, {"q"}},
                                      {"t", "Tanh", {"q"}, {"t"}},
                                      {"y", "Identity", {"t"}, {"y"}}},
                                     {{"w0", tensor({3, 2}, 1)}}));
  EXPECT_TRUE(model.architecture() == (nn::Architecture{{1, 3}, {nn::Linear{2, nn::Activation::tanh}}}));
}

TEST_F(OnnxImport, ReadsEveryOrderOfGelu) {
  const OnnxNode p{"p", "MatMul", {"x", "w"}, {"p"}};
  const std::map<std::string, OnnxTensor> constants{{"w", tensor({3, 2}, 1)},
                                                    {"r2", {{}, true, {1.41421354f}}},
                                                    {"i2", {{}, true, {0.70710677f}}},
                                                    {"1", {{}, true, {1.0f}}},
                                                    {"h", {{}, true, {0.5f}}}};
  const nn::Architecture expected{{1, 3}, {nn::Linear{2, nn::Activation::gelu}}};
  const OnnxNode scaled{"s", "Div", {"p", "r2"}, {"s"}}, multiplied{"s", "Mul", {"i2", "p"}, {"s"}},
      erf{"e", "Erf", {"s"}, {"e"}}, plus{"b", "Add", {"e", "1"}, {"b"}};
  const auto is = [&](std::vector<OnnxNode> nodes) {
    return read(graph({3}, std::move(nodes), constants)).architecture() == expected;
  };
  EXPECT_TRUE(is({p, scaled, erf, plus, {"m", "Mul", {"p", "b"}, {"m"}}, {"y", "Mul", {"m", "h"}, {"y"}}}));
  EXPECT_TRUE(is({p, multiplied, erf, plus, {"h2", "Mul", {"p", "h"}, {"h2"}}, {"y", "Mul", {"h2", "b"}, {"y"}}}));
  EXPECT_TRUE(is({p, scaled, erf, plus, {"m", "Mul", {"b", "h"}, {"m"}}, {"y", "Mul", {"p", "m"}, {"y"}}}));
  EXPECT_TRUE(is({p, {"y", "Gelu", {"p"}, {"y"}}}));
  auto wrong = constants;
  wrong["r2"].floats[0] = 1.5f;
  refused(graph({3}, {p, scaled, erf, plus, {"m", "Mul", {"p", "b"}, {"m"}}, {"y", "Mul", {"m", "h"}, {"y"}}}, wrong),
          "one of 2 nodes that take 'p'");
  refused(graph({3}, {p, {"y", "Gelu", {"p"}, {"y"}, {{"approximate", std::string("tanh")}}}}, constants),
          "approximation by tanh");
}

TEST_F(OnnxImport, NamesEveryUnknownOperatorAndWhatIsSupported) {
  const std::string text = problem(
      graph({3}, {{"a", "Sin", {"x"}, {"a"}}, {"b", "LSTM", {"a"}, {"b"}}, {"q", "QuantizeLinear", {"b"}, {"y"}}}, {}));
  for (const char* part : {"node 'a' (Sin)", "node 'b' (LSTM)", "node 'q' (QuantizeLinear)",
                           "integer networks are not read", "LayerNormalization, MatMul"})
    EXPECT_NE(text.find(part), std::string::npos) << part << " is missing in " << text;
}

TEST_F(OnnxImport, RefusesBranchesAndMisplacedParts) {
  const OnnxNode p{"p", "MatMul", {"x", "w"}, {"p"}};
  const std::map<std::string, OnnxTensor> constants{{"w", tensor({3, 3}, 1)}, {"2", {{}, true, {2.0f}}}};
  refused(graph({3}, {p, {"r", "Relu", {"p"}, {"r"}}, {"y", "Add", {"p", "r"}, {"y"}}}, constants),
          "is one of 2 nodes that take 'p'");
  refused(graph({3}, {p, {"y", "Mul", {"p", "2"}, {"y"}}}, constants), "node 'y' (Mul) stands where it has no meaning");
  refused(graph({3}, {p, {"r", "Relu", {"p"}, {"r"}}, {"y", "Tanh", {"r"}, {"y"}}}, constants),
          "node 'y' (Tanh) follows no Gemm");
  refused(graph({3}, {{"y", "Relu", {"x"}, {"y"}}}, constants), "follows no Gemm");
  refused(graph({3}, {{"y", "MatMul", {"w", "x"}, {"y"}}}, constants), "as its second factor");
  refused(graph({3}, {p, {"y", "Softmax", {"p"}, {"y"}, {{"axis", std::int64_t{0}}}}}, constants),
          "does not share out each row");
}

// Softmax of old operator sets flattened everything behind its axis.
TEST_F(OnnxImport, OldSoftmaxIsNotMistakenForTheNewOne) {
  const OnnxNode p{"p", "MatMul", {"x", "w"}, {"p"}};
  const std::map<std::string, OnnxTensor> constants{{"w", tensor({3, 2}, 1)}};
  const auto softmax = [](std::int64_t axis) { return OnnxNode{"y", "Softmax", {"p"}, {"y"}, {{"axis", axis}}}; };
  EXPECT_EQ(problem(graph({4, 3}, {p, softmax(2)}, constants, 11)), "");
  refused(graph({4, 3}, {p, softmax(1)}, constants, 11), "does not share out each row");
  refused(graph({4, 3}, {p, {"y", "Softmax", {"p"}, {"y"}}}, constants, 11), "does not share out each row");
  EXPECT_EQ(problem(graph({4, 3}, {p, {"y", "Softmax", {"p"}, {"y"}}}, constants, 13)), "");
}

TEST_F(OnnxImport, ReshapesOnlyWhatKeepsItsMeaning) {
  const OnnxNode p{"p", "MatMul", {"x", "w"}, {"p"}};
  const auto shaped = [&](Ints shape) {
    return graph({6}, {p, {"y", "Reshape", {"p", "s"}, {"y"}}},
                 {{"w", tensor({6, 6}, 1)}, {"s", whole(std::move(shape))}});
  };
  EXPECT_EQ(problem(shaped({-1, 6})), "");
  EXPECT_EQ(problem(shaped({0, 1, 6})), "");
  refused(shaped({0, 2, 3}), "may only become one vector");
  refused(shaped({6, -1}), "the first extent is the batch");
  refused(shaped({0, 5}), "a sample has 6 numbers");
  refused(shaped({0, -1, -1}), "a sample has 6 numbers");
  const nn::Model rows = read(graph({6}, {{"r", "Reshape", {"x", "s"}, {"r"}}, {"y", "MatMul", {"r", "w"}, {"y"}}},
                                    {{"w", tensor({3, 2}, 1)}, {"s", whole({-1, 2, 3})}}));
  EXPECT_EQ(rows.input(), (nn::Extent{2, 3}));
}

}  // namespace
}  // namespace swarm::io
