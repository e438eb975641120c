#include "sim/io/onnx_export.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "sim/core/errors.hpp"
#include "sim/io/provenance.hpp"

namespace swarm::io {
namespace {

using Ints = std::vector<std::int64_t>;

constexpr std::int64_t kIrVersion = 8;
constexpr std::int64_t kOpset = 17;  // the first with LayerNormalization

/// Appends nodes; `value_` is what the last layer yielded, of extents `extent_`, one row as a vector.
class Exporter {
 public:
  Exporter(const nn::Model& model, const std::filesystem::path& file)
      : model_(model), file_(file), extents_(model.architecture().extents()) {}

  OnnxGraph graph() {
    graph_.ir_version = kIrVersion;
    graph_.opset = kOpset;
    graph_.producer = "swarmsim";
    graph_.producer_version = program_version();
    graph_.doc = fmt::format("written by swarmsim {} (revision {})", program_version(), source_revision());
    graph_.name = "network";
    const auto& layers = model_.architecture().layers;
    const bool words = std::holds_alternative<nn::Embedding>(layers[0]);
    graph_.input = {
        "input", !words,
        words ? std::vector<std::optional<std::int64_t>>{std::nullopt, extents_[0].rows} : value_dims(extents_[0])};
    value_ = "input";
    for (layer_ = 0; layer_ < layers.size(); ++layer_) {
      std::visit([&](const auto& layer) { write(layer); }, layers[layer_]);
      block_ += nn::block_count(layers[layer_]);
    }
    name_output();
    graph_.output = {"output", true, value_dims(extents_.back())};
    return std::move(graph_);
  }

 private:
  static std::vector<std::optional<std::int64_t>> value_dims(nn::Extent e) {
    if (e.rows == 1) return {std::nullopt, e.width};
    return {std::nullopt, e.rows, e.width};
  }
  nn::Extent in() const { return extents_[layer_]; }
  nn::Extent out() const { return extents_[layer_ + 1]; }
  std::string named(const char* what) const { return fmt::format("layer{}.{}", layer_, what); }

  std::string constant(const char* what, OnnxTensor tensor) {
    const std::string name = named(what);
    graph_.constants[name] = std::move(tensor);
    return name;
  }
  std::string sizes(const char* what, Ints values) {
    return constant(what, {{static_cast<std::int64_t>(values.size())}, false, {}, std::move(values)});
  }
  std::string number(const char* what, float value) { return constant(what, {{}, true, {value}}); }

  /// Weights of a block, or of several side by side, row-major without padding; their biases.
  std::string weights(const char* what, std::size_t block, std::size_t blocks = 1) {
    const std::size_t rows = model_.rows(block), columns = model_.columns(block);
    OnnxTensor t{{static_cast<std::int64_t>(rows), static_cast<std::int64_t>(blocks * columns)}};
    for (std::size_t i = 0; i < rows; ++i)
      for (std::size_t b = block; b < block + blocks; ++b)
        for (std::size_t o = 0; o < columns; ++o) t.floats.push_back(model_.weight(b, i, o));
    return constant(what, std::move(t));
  }
  std::string bias(const char* what, std::size_t block, std::size_t blocks = 1) {
    OnnxTensor t{{static_cast<std::int64_t>(blocks * model_.columns(block))}};
    for (std::size_t b = block; b < block + blocks; ++b)
      for (const float value : model_.bias(b).first(model_.columns(b))) t.floats.push_back(value);
    return constant(what, std::move(t));
  }

  /// A node with one output, which it returns.
  std::string node(const char* op, const char* what, std::vector<std::string> inputs,
                   std::map<std::string, OnnxAttribute> attributes = {}) {
    const std::string name = named(what);
    graph_.nodes.push_back({name, op, std::move(inputs), {name}, std::move(attributes)});
    return name;
  }

  void write(const nn::Linear& layer) {
    if (in().rows == 1) {
      value_ = node("Gemm", "linear", {value_, weights("weight", block_), bias("bias", block_)});
    } else {
      const std::string product = node("MatMul", "product", {value_, weights("weight", block_)});
      value_ = node("Add", "linear", {product, bias("bias", block_)});
    }
    activate(layer.activation);
  }

  void activate(nn::Activation activation) {
    switch (activation) {
      case nn::Activation::none:
        return;
      case nn::Activation::relu:
        value_ = node("Relu", "relu", {value_});
        return;
      case nn::Activation::tanh:
        value_ = node("Tanh", "tanh", {value_});
        return;
      case nn::Activation::sigmoid:
        value_ = node("Sigmoid", "sigmoid", {value_});
        return;
      case nn::Activation::gelu:
        break;
    }
    const std::string erf =
        node("Erf", "gelu.erf", {node("Div", "gelu.scaled", {value_, number("gelu.root2", 1.41421356f)})});
    const std::string bracket = node("Add", "gelu.bracket", {erf, number("gelu.one", 1.0f)});
    const std::string product = node("Mul", "gelu.product", {value_, bracket});
    value_ = node("Mul", "gelu", {product, number("gelu.half", 0.5f)});
  }

  void write(const nn::DepthwiseConv& layer) {
    const std::int64_t channels = in().width, taps = layer.kernel;
    OnnxTensor w{{channels, 1, taps}};
    for (std::size_t c = 0; c < in().width; ++c)
      for (std::size_t t = 0; t < layer.kernel; ++t) w.floats.push_back(model_.weight(block_, t, c));
    const std::string columns = in().rows == 1
                                    ? node("Reshape", "columns", {value_, sizes("columns.shape", {0, channels, 1})})
                                    : node("Transpose", "columns", {value_}, {{"perm", Ints{0, 2, 1}}});
    value_ = node("Conv", "conv", {columns, constant("weight", std::move(w)), bias("bias", block_)},
                  {{"group", channels},
                   {"kernel_shape", Ints{taps}},
                   {"strides", Ints{layer.stride}},
                   {"dilations", Ints{layer.dilation}},
                   {"pads", Ints{layer.pad_before, layer.pad_after}}});
    value_ = out().rows == 1 ? node("Reshape", "rows", {value_, sizes("rows.shape", {0, channels})})
                             : node("Transpose", "rows", {value_}, {{"perm", Ints{0, 2, 1}}});
    activate(layer.activation);
  }

  std::string heads(const char* what, const std::string& value, const std::string& shape, Ints order) {
    const std::string cut = fmt::format("{}.heads", what);
    return node("Transpose", what, {node("Reshape", cut.c_str(), {value, shape})}, {{"perm", std::move(order)}});
  }

  void write(const nn::Attention& layer) {
    const std::int64_t rows = in().rows, width = in().width, head_width = width / layer.heads;
    std::string x = value_;
    if (rows == 1) x = node("Reshape", "row", {x, sizes("row.shape", {0, 1, width})});
    const std::string all = node(
        "Add", "qkv", {node("MatMul", "qkv.product", {x, weights("qkv.weight", block_, 3)}), bias("qkv.bias", block_, 3)});
    graph_.nodes.push_back({named("split"),
                            "Split",
                            {all, sizes("split.sizes", {width, width, width})},
                            {named("q.all"), named("k.all"), named("v.all")},
                            {{"axis", std::int64_t{2}}}});
    const std::string shape = sizes("heads.shape", {0, rows, layer.heads, head_width});
    const std::string q = heads("q", named("q.all"), shape, {0, 2, 1, 3}),
                      k = heads("k", named("k.all"), shape, {0, 2, 3, 1}),
                      v = heads("v", named("v.all"), shape, {0, 2, 1, 3});
    const float scale = 1.0f / std::sqrt(static_cast<float>(head_width));
    std::string scores = node("Mul", "scores", {node("MatMul", "scores.product", {q, k}), number("scale", scale)});
    if (layer.causal) scores = node("Add", "scores.masked", {scores, mask()});
    if (layer.top_keys > 0 && layer.top_keys < in().rows) scores = highest(scores, layer.top_keys);
    const std::string shares = node("Softmax", "shares", {scores}, {{"axis", std::int64_t{-1}}});
    const std::string sum =
        node("Transpose", "sum.rows", {node("MatMul", "sum", {shares, v})}, {{"perm", Ints{0, 2, 1, 3}}});
    const std::string joined = node("Reshape", "joined", {sum, sizes("joined.shape", {0, rows, width})});
    value_ = node(
        "Add", "attention",
        {node("MatMul", "out.product", {joined, weights("out.weight", block_ + 3)}), bias("out.bias", block_ + 3)});
    if (layer.residual) value_ = node("Add", "residual", {x, value_});
    if (rows == 1) value_ = node("Reshape", "vector", {value_, sizes("vector.shape", {0, width})});
  }

  /// What hides later keys.
  std::string mask() {
    const std::size_t rows = in().rows;
    OnnxTensor t{{in().rows, in().rows}, true, std::vector<float>(rows * rows)};
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = r + 1; c < rows; ++c) t.floats[r * rows + c] = -std::numeric_limits<float>::infinity();
    return constant("mask", std::move(t));
  }

  /// The highest scores of each row; all others −∞.
  std::string highest(const std::string& scores, std::uint32_t keys) {
    graph_.nodes.push_back({named("top"),
                            "TopK",
                            {scores, sizes("top.keys", {keys})},
                            {named("top.scores"), named("top.places")},
                            {{"axis", std::int64_t{-1}}}});
    const std::string low = node("ConstantOfShape", "low", {node("Shape", "scores.shape", {scores})},
                                 {{"value", OnnxTensor{{1}, true, {-std::numeric_limits<float>::infinity()}}}});
    return node("ScatterElements", "scores.top", {low, named("top.places"), named("top.scores")},
                {{"axis", std::int64_t{-1}}});
  }

  void write(const nn::LayerNorm& layer) {
    const std::int64_t width = in().width;
    OnnxTensor gain{{width}};
    for (std::size_t c = 0; c < in().width; ++c) gain.floats.push_back(model_.weight(block_, 0, c));
    value_ = node("LayerNormalization", "norm", {value_, constant("gain", std::move(gain)), bias("offset", block_)},
                  {{"axis", std::int64_t{-1}}, {"epsilon", layer.epsilon}});
  }

  void write(const nn::Embedding&) {
    if (layer_ > 0)
      throw InputError(Diagnostic{.file = file_.string(),
                                  .problem = fmt::format("layer {} is an embedding behind another layer", layer_),
                                  .why = "ONNX takes whole numbers from the network's input",
                                  .suggestion = "Put the embedding first."});
    value_ = node("Gather", "words", {weights("table", block_), value_}, {{"axis", std::int64_t{0}}});
    if (in().rows == 1) value_ = node("Reshape", "vector", {value_, sizes("vector.shape", {0, out().width})});
  }

  void write(const nn::Positions&) { value_ = node("Add", "placed", {value_, weights("positions", block_)}); }
  void write(const nn::Flatten&) {
    if (in().rows > 1) value_ = node("Flatten", "flat", {value_}, {{"axis", std::int64_t{1}}});
  }
  void write(const nn::MeanRows&) {
    if (in().rows > 1)
      value_ = node("ReduceMean", "mean", {value_}, {{"axes", Ints{1}}, {"keepdims", std::int64_t{0}}});
  }
  void write(const nn::Softmax&) { value_ = node("Softmax", "softmax", {value_}, {{"axis", std::int64_t{-1}}}); }

  /// The last node's output gets the graph's name for it.
  void name_output() {
    for (OnnxNode& n : graph_.nodes)
      for (auto* names : {&n.inputs, &n.outputs})
        for (std::string& name : *names)
          if (name == value_) name = "output";
  }

  const nn::Model& model_;
  const std::filesystem::path& file_;
  std::vector<nn::Extent> extents_;
  OnnxGraph graph_;
  std::string value_;
  std::size_t layer_ = 0, block_ = 0;
};

}  // namespace

OnnxGraph export_onnx(const nn::Model& model, const std::filesystem::path& file) {
  return Exporter(model, file).graph();
}

}  // namespace swarm::io
