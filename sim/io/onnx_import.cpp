#include "sim/io/onnx_import.hpp"

#include <fmt/format.h>

#include "sim/core/errors.hpp"
#include "sim/io/onnx_conv.hpp"
#include "sim/io/onnx_cursor.hpp"
#include "sim/io/onnx_patterns.hpp"
#include "sim/io/onnx_shape.hpp"

namespace swarm::io {
namespace {

class Importer {
 public:
  explicit Importer(const OnnxView& view) : view_(view), shape_(view, cursor_, layers_) {}

  nn::Model import() {
    shape_.start();
    while (cursor_.value != view_.output()) step();
    if (cursor_.shuffled)
      whole("the output is a convolution's, flattened channels first",
            "positions come first here; transpose before flattening.");
    if (!cursor_.real) whole("the model has no layer", "its input is its output.");
    try {
      return layers_.model(shape_.input());
    } catch (const ModelError& e) {
      whole("the network is impossible", e.what());
    }
  }

 private:
  [[noreturn]] void whole(const char* problem, const std::string& why) const {
    throw InputError(Diagnostic{.file = view_.file().string(),
                                .problem = problem,
                                .why = why,
                                .suggestion = "Change the model and export it again."});
  }

  void step() {
    std::string why_not;
    if (!cursor_.flat && cursor_.real)
      if (const auto found = match_attention(view_, cursor_.value, cursor_.extent, why_not)) {
        shape_.need_rows(*view_.takers(cursor_.value)[0]);
        layers_.add(found->layer, found->parameters);
        cursor_.value = found->result;
        return;
      }
    const auto& takers = view_.takers(cursor_.value);
    if (takers.empty())
      whole("the output does not come from the input", "a network without an input has nothing to do.");
    if (const auto result = match_gelu(view_, cursor_.value)) {
      activate(*takers[0], nn::Activation::gelu);
      cursor_.value = *result;
      return;
    }
    const OnnxNode* node = view_.taker(cursor_.value);
    if (!node)
      view_.refuse(
          *takers[0], fmt::format("is one of {} nodes that take '{}'", takers.size(), cursor_.value),
          fmt::format("layers follow one another; only GELU and attention branch, and this is no attention: {}",
                      why_not.empty() ? "it has no rows" : why_not));
    if (!cursor_.real && node->op != "Gather" && node->op != "Cast")
      view_.refuse(*node, "takes whole numbers", "only Gather from a table does");
    if (shape_.many() && node->op != "Flatten" && node->op != "Reshape")
      view_.refuse(*node, "takes an input of more than three dimensions",
                   "a sample has rows and channels only; flatten it first");
    apply(*node, why_not);
    cursor_.value = node->outputs[0];
  }

  void apply(const OnnxNode& node, const std::string& why_no_attention) {
    using Rule = void (Importer::*)(const OnnxNode&);
    static const std::map<std::string, Rule> kRules{{"Add", &Importer::add},
                                                    {"Conv", &Importer::conv},
                                                    {"Gather", &Importer::gather},
                                                    {"Gelu", &Importer::gelu},
                                                    {"Gemm", &Importer::gemm},
                                                    {"MatMul", &Importer::matmul},
                                                    {"Relu", &Importer::elementwise},
                                                    {"Sigmoid", &Importer::elementwise},
                                                    {"Tanh", &Importer::elementwise},
                                                    {"Softmax", &Importer::softmax},
                                                    {"LayerNormalization", &Importer::layer_norm}};
    if (const auto rule = kRules.find(node.op); rule != kRules.end()) return (this->*rule->second)(node);
    if (shape_.apply(node)) return;
    view_.refuse(node, "stands where it has no meaning",
                 fmt::format("it is only known inside GELU and attention, and this is no attention: {}",
                             why_no_attention.empty() ? "it has no rows" : why_no_attention));
  }

  void activate(const OnnxNode& node, nn::Activation activation) {
    if (!layers_.set_activation(activation))
      view_.refuse(node, "follows no Gemm, MatMul or Conv, or one that has an activation",
                   "an activation belongs to such a layer");
  }
  void elementwise(const OnnxNode& node) {
    activate(node, node.op == "Relu"   ? nn::Activation::relu
                   : node.op == "Tanh" ? nn::Activation::tanh
                                       : nn::Activation::sigmoid);
  }
  void gelu(const OnnxNode& node) {
    if (view_.text(node, "approximate", "none") != "none")
      view_.refuse(node, "is the approximation by tanh", "swarmsim computes the exact GELU");
    activate(node, nn::Activation::gelu);
  }

  /// Weights [inputs][outputs] by (row, column) → number, rows in the order of our numbers.
  template <class At>
  std::vector<float> matrix(const OnnxNode& node, std::size_t inputs, std::size_t outputs, At at) {
    if (inputs != cursor_.extent.width)
      view_.refuse(node, fmt::format("has weights for {} inputs", inputs),
                   fmt::format("{} come in", cursor_.extent.width));
    std::vector<float> out(inputs * outputs);
    for (std::size_t i = 0; i < inputs; ++i) {
      std::size_t theirs = i;
      if (cursor_.shuffled) theirs = i % cursor_.shuffled->width * cursor_.shuffled->rows + i / cursor_.shuffled->width;
      for (std::size_t o = 0; o < outputs; ++o) out[i * outputs + o] = at(theirs, o);
    }
    cursor_.shuffled.reset();
    return out;
  }

  /// After a layer of `outputs` outputs per row was added.
  void widened(const OnnxNode& node, std::int64_t outputs) {
    if (outputs < 1) view_.refuse(node, "has no outputs", "a layer needs one");
    cursor_.extent.width = static_cast<std::uint32_t>(outputs);
  }

  const OnnxTensor& matrix_input(const OnnxNode& node) {
    if (node.inputs[0] != cursor_.value)
      view_.refuse(node, fmt::format("takes '{}' as its second factor", cursor_.value),
                   "activations stand before weights");
    const OnnxTensor& w = view_.weights(node, 1);
    if (w.dims.size() != 2)
      view_.refuse(node, "has weights that are no matrix", "a layer has one matrix for all samples");
    return w;
  }

  void gemm(const OnnxNode& node) {
    const OnnxTensor& w = matrix_input(node);
    if (!cursor_.flat || view_.integer(node, "transA", 0) != 0)
      view_.refuse(node, "mixes samples or rows", "it needs [batch][width], not transposed");
    const bool transposed = view_.integer(node, "transB", 0) != 0;
    const float alpha = view_.real(node, "alpha", 1.0f), beta = view_.real(node, "beta", 1.0f);
    const auto inputs = static_cast<std::size_t>(w.dims[transposed ? 1 : 0]),
               outputs = static_cast<std::size_t>(w.dims[transposed ? 0 : 1]);
    std::vector<float> weights = matrix(node, inputs, outputs, [&](std::size_t i, std::size_t o) {
      return alpha * w.floats[transposed ? o * inputs + i : i * outputs + o];
    });
    widened(node, static_cast<std::int64_t>(outputs));
    const nn::Linear layer{static_cast<std::uint32_t>(outputs)};
    if (!view_.has_input(node, 2)) return layers_.add_without_bias(layer, std::move(weights), outputs);
    auto bias = spread(view_.weights(node, 2), cursor_);
    if (!bias)
      view_.refuse(node, "has a bias that fits no output, or differs from sample to sample",
                   fmt::format("it needs {} numbers or one", outputs));
    for (float& b : *bias) b *= beta;
    layers_.add(layer, {std::move(weights), std::move(*bias)});
  }

  void matmul(const OnnxNode& node) {
    const OnnxTensor& w = matrix_input(node);
    if (!cursor_.flat) shape_.need_rows(node);
    const auto inputs = static_cast<std::size_t>(w.dims[0]), outputs = static_cast<std::size_t>(w.dims[1]);
    std::vector<float> weights =
        matrix(node, inputs, outputs, [&](std::size_t i, std::size_t o) { return w.floats[i * outputs + o]; });
    widened(node, w.dims[1]);
    layers_.add_without_bias(nn::Linear{cursor_.extent.width}, std::move(weights), outputs);
  }

  void add(const OnnxNode& node) {
    const auto place = view_.constant_place(node);
    if (!place) view_.refuse(node, "adds two computed values", "outside attention only constants are added");
    const auto table = cursor_.shuffled ? std::nullopt : spread(*view_.constant(node.inputs[*place]), cursor_);
    if (!table)
      view_.refuse(node, "adds a constant that does not fit",
                   fmt::format("the value is {} × {} numbers", cursor_.extent.rows, cursor_.extent.width));
    const std::size_t width = cursor_.extent.width;
    bool alike = true;
    for (std::size_t i = width; i < table->size(); ++i) alike = alike && (*table)[i] == (*table)[i - width];
    if (alike && layers_.set_bias({table->begin(), table->begin() + static_cast<std::ptrdiff_t>(width)})) return;
    layers_.add(nn::Positions{}, {*table});
  }

  void conv(const OnnxNode& node) {
    shape_.need_channels_first(node);
    OnnxConv read = read_conv(view_, node, cursor_.extent);
    cursor_.extent = read.out;
    if (read.bias.empty())
      layers_.add_without_bias(read.layer, std::move(read.weights), read.out.width);
    else
      layers_.add(read.layer, {std::move(read.weights), std::move(read.bias)});
  }

  void gather(const OnnxNode& node) {
    const OnnxTensor& table = view_.weights(node, 0);
    if (cursor_.real || node.inputs.size() != 2 || node.inputs[1] != cursor_.value ||
        view_.integer(node, "axis", 0) != 0 || table.dims.size() != 2)
      view_.refuse(node, "is no table of vectors by whole numbers",
                   "an embedding takes rows of a matrix, by the model's int64 or int32 input");
    if (table.dims[0] < 1 || table.dims[1] < 1) view_.refuse(node, "has an empty table", "an embedding needs a word");
    cursor_.real = true;
    cursor_.flat = false;
    widened(node, table.dims[1]);
    layers_.add(nn::Embedding{static_cast<std::uint32_t>(table.dims[0]), cursor_.extent.width}, {table.floats});
  }

  void layer_norm(const OnnxNode& node) {
    if (!cursor_.flat) shape_.need_rows(node);
    const std::int64_t axis = view_.integer(node, "axis", -1);
    const OnnxTensor& gain = view_.weights(node, 1);
    const std::size_t width = cursor_.extent.width;
    const auto fits = [&](const OnnxTensor& t) { return t.floats.size() == width && t.dims.size() == 1; };
    if ((axis != -1 && axis != cursor_.rank() - 1) || cursor_.shuffled || !fits(gain) ||
        (view_.has_input(node, 2) && !fits(view_.weights(node, 2))))
      view_.refuse(node, "does not norm each row over its width",
                   fmt::format("gain and offset are {} numbers each, the axis is the last", width));
    layers_.add(nn::LayerNorm{view_.real(node, "epsilon", 1e-5f)},
                {gain.floats, view_.has_input(node, 2) ? view_.weights(node, 2).floats : std::vector<float>(width)});
  }

  void softmax(const OnnxNode& node) {
    const bool old = view_.graph().opset < 13;  // flattened all axes from `axis` on
    std::int64_t axis = view_.integer(node, "axis", old ? 1 : -1);
    if (axis < 0) axis += cursor_.rank();
    if (axis != cursor_.width_axis() || (old && axis != cursor_.rank() - 1) || cursor_.shuffled)
      view_.refuse(node, "does not share out each row", "the axis must be that of the row's numbers");
    layers_.add(nn::Softmax{}, {});
  }

  const OnnxView& view_;
  OnnxCursor cursor_;
  OnnxLayers layers_;
  OnnxShape shape_;
};

}  // namespace

nn::Model import_onnx(const OnnxView& view) {
  return Importer(view).import();
}

}  // namespace swarm::io
