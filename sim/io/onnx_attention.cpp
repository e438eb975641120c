#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "sim/io/onnx_patterns.hpp"

namespace swarm::io {
namespace {

using Ints = std::vector<std::int64_t>;

/// Thrown inside this file: the subgraph is something else.
struct Mismatch {
  std::string why;
};

void demand(bool holds, const char* why) {
  if (!holds) throw Mismatch{why};
}

/// Walks backwards from the softmax to x and forwards to the result.
class Matcher {
 public:
  Matcher(const OnnxView& view, const std::string& x, nn::Extent extent) : view_(view), x_(x), extent_(extent) {}

  OnnxAttention match() {
    const OnnxNode& softmax = find_softmax();
    const std::int64_t axis = view_.integer(softmax, "axis", view_.graph().opset < 13 ? 1 : -1);
    demand(axis == -1 || axis == 3, "the softmax is not over the keys");
    const OnnxNode& scores = scored(softmax.inputs[0]);
    const Projection q = projection(heads_of(unscaled(scores.inputs[0]), {0, 2, 1, 3}));
    const Projection k = projection(heads_of(unscaled(scores.inputs[1]), {0, 2, 3, 1}));
    demand(std::abs(scale_ * std::sqrt(head_width()) - 1) <= 1e-5,
           "scores are not divided by the root of a head's width");
    const OnnxNode& sum = next(softmax.outputs[0], "MatMul");
    demand(sum.inputs.size() == 2 && sum.inputs[0] == softmax.outputs[0], "weights are not multiplied with values");
    const Projection v = projection(heads_of(sum.inputs[1], {0, 2, 1, 3}));
    pack(q, k, v);
    finish(sum);
    for (const OnnxNode* node : view_.takers(x_)) demand(used_.contains(node), "the input also goes elsewhere");
    return result_;
  }

 private:
  /// Columns of a projection x·W + b.
  struct Projection {
    const OnnxTensor* weights;
    const OnnxTensor* bias;  // may be null
    std::size_t first;       // column
    std::size_t columns;     // of the whole matrix
  };

  float head_width() const { return static_cast<float>(extent_.width / result_.layer.heads); }

  const OnnxNode& maker(const std::string& value, const char* op) const {
    const OnnxNode* node = view_.maker(value);
    demand(node && node->op == op && !node->inputs.empty(), "nodes are others than expected");
    return *node;
  }
  const OnnxNode& next(const std::string& value, const char* op) const {
    const OnnxNode* node = view_.taker(value);
    demand(node && node->op == op, "nodes are others than expected");
    return *node;
  }

  /// The first softmax that depends on x and weighs a product of two computed values.
  const OnnxNode& find_softmax() const {
    std::set<std::string> reached{x_};
    for (const OnnxNode& node : view_.graph().nodes) {
      if (std::none_of(node.inputs.begin(), node.inputs.end(), [&](const auto& i) { return reached.contains(i); }))
        continue;
      reached.insert(node.outputs.begin(), node.outputs.end());
      if (node.op == "Softmax") return node;
    }
    throw Mismatch{"there is no softmax"};
  }

  /// The product of queries and keys, behind selection, mask and scaling of its scores.
  const OnnxNode& scored(std::string value) {
    const OnnxNode* node = view_.maker(value);
    demand(node != nullptr, "the softmax has no scores");
    if (node->op == "ScatterElements") node = view_.maker(value = selected(*node));
    if (node && node->op == "Add") node = view_.maker(value = masked(*node));
    node = view_.maker(unscaled(value));
    demand(node && node->op == "MatMul" && node->inputs.size() == 2, "scores are no product of queries and keys");
    return *node;
  }

  /// Scores before all but the highest of each row became −∞.
  std::string selected(const OnnxNode& scatter) {
    demand(scatter.inputs.size() == 3 && last_axis(scatter, 0), "scores are scattered otherwise");
    const OnnxNode& fill = maker(scatter.inputs[0], "ConstantOfShape");
    const auto value = fill.attributes.find("value");
    const auto* low = value == fill.attributes.end() ? nullptr : std::get_if<OnnxTensor>(&value->second);
    demand(low && low->floats.size() == 1 && low->floats[0] == -std::numeric_limits<float>::infinity(),
           "other keys are not at −∞");
    const OnnxNode& top = maker(scatter.inputs[1], "TopK");
    demand(top.inputs.size() == 2 && top.outputs.size() == 2 && scatter.inputs[1] == top.outputs[1] &&
               scatter.inputs[2] == top.outputs[0] && last_axis(top, -1) && view_.integer(top, "largest", 1) == 1 &&
               maker(fill.inputs[0], "Shape").inputs[0] == top.inputs[0],
           "the highest scores are selected otherwise");
    const OnnxTensor* k = view_.constant(top.inputs[1]);
    demand(k && k->integers.size() == 1 && k->integers[0] >= 1 && k->integers[0] <= extent_.rows,
           "the number of keys is no constant from 1 to the rows");
    result_.layer.top_keys = static_cast<std::uint32_t>(k->integers[0]);
    return top.inputs[0];
  }

  /// Whether a reshape leaves the batch alone.
  bool keeps_batch(std::int64_t first) const {
    return first == 0 || first == -1 || first == view_.graph().input.dims[0];
  }

  bool last_axis(const OnnxNode& node, std::int64_t otherwise) const {
    const std::int64_t axis = view_.integer(node, "axis", otherwise);
    return axis == -1 || axis == 3;
  }

  /// Scores before keys that come later were hidden: a table of 0 and of −∞ or numbers that are as good.
  std::string masked(const OnnxNode& add) {
    const auto place = view_.constant_place(add);
    demand(place.has_value(), "the mask is no constant");
    const OnnxTensor& mask = *view_.constant(add.inputs[*place]);
    const std::size_t rows = extent_.rows;
    demand(mask.floats.size() == rows * rows && mask.dims.size() >= 2 && mask.dims.size() <= 4 &&
               mask.dims.back() == extent_.rows && mask.dims[mask.dims.size() - 2] == extent_.rows,
           "the mask is not [rows][rows]");
    for (std::size_t r = 0; r < rows; ++r)
      for (std::size_t c = 0; c < rows; ++c) {
        const float m = mask.floats[r * rows + c];
        demand(c <= r ? m == 0 : m <= -1e9f, "the mask is not that of causal attention");
      }
    result_.layer.causal = true;
    return add.inputs[1 - *place];
  }

  /// Steps behind a multiplication or division by a constant, which becomes part of the scale.
  std::string unscaled(const std::string& value) {
    const OnnxNode* node = view_.maker(value);
    if (!node || (node->op != "Mul" && node->op != "Div")) return value;
    const auto place = view_.constant_place(*node);
    const double factor = place ? view_.scalar(node->inputs[*place]).value_or(0) : 0;
    demand(factor != 0 && (node->op == "Mul" || *place == 1), "scores are not scaled by a constant");
    scale_ *= node->op == "Mul" ? factor : 1 / factor;
    return node->inputs[1 - *place];
  }

  /// The value [batch][rows][width] that was cut into heads and transposed so.
  std::string heads_of(const std::string& value, const Ints& permutation) {
    const OnnxNode* transpose = &maker(value, "Transpose");
    const Ints swapped{0, 1, 3, 2}, by_head{0, 2, 1, 3};
    if (permutation != by_head && view_.integers(*transpose, "perm", {}) == swapped) {  // in two steps
      transpose = &maker(transpose->inputs[0], "Transpose");
      demand(view_.integers(*transpose, "perm", {}) == by_head, "heads are transposed otherwise");
    } else {
      demand(view_.integers(*transpose, "perm", {}) == permutation, "heads are transposed otherwise");
    }
    const OnnxNode& reshape = maker(transpose->inputs[0], "Reshape");
    const auto shape = view_.integers_or_input(reshape, "shape", 1);
    demand(shape && shape->size() == 4 && keeps_batch((*shape)[0]) && (*shape)[2] >= 1 &&
               (*shape)[2] <= extent_.width && extent_.width % (*shape)[2] == 0,
           "values are not cut into heads of one width");
    const auto heads = static_cast<std::uint32_t>((*shape)[2]);
    demand((*shape)[1] == 0 || (*shape)[1] == extent_.rows || ((*shape)[1] == -1 && (*shape)[0] != -1),
           "heads are cut otherwise");
    demand((*shape)[3] == extent_.width / heads || ((*shape)[3] == -1 && (*shape)[1] != -1 && (*shape)[0] != -1),
           "heads are cut otherwise");
    demand(heads_seen_ == 0 || heads_seen_ == heads, "queries, keys and values have different numbers of heads");
    result_.layer.heads = heads_seen_ = heads;
    return reshape.inputs[0];
  }

  Projection projection(const std::string& value) {
    const OnnxNode* node = view_.maker(value);
    demand(node != nullptr, "queries, keys and values do not come from the input");
    Projection p{nullptr, nullptr, 0, extent_.width};
    std::string whole = value;
    if (node->op == "Split") {
      const std::int64_t axis = view_.integer(*node, "axis", 0);
      const auto sizes = view_.integers_or_input(*node, "split", 1);
      const std::int64_t width = extent_.width;
      demand((axis == 2 || axis == -1) && node->outputs.size() == 3 && (!sizes || *sizes == Ints{width, width, width}),
             "queries, keys and values are split otherwise");
      p.first = extent_.width * static_cast<std::size_t>(std::find(node->outputs.begin(), node->outputs.end(), value) -
                                                         node->outputs.begin());
      p.columns = 3 * extent_.width;
      whole = node->inputs[0];
    }
    linear(whole, p);
    return p;
  }

  /// x·W + b as MatMul and perhaps Add.
  void linear(const std::string& value, Projection& p) {
    const OnnxNode* node = view_.maker(value);
    demand(node != nullptr, "queries, keys and values do not come from the input");
    if (node->op == "Add") {
      const auto place = view_.constant_place(*node);
      demand(place.has_value(), "a projection has no constant bias");
      p.bias = bias(node->inputs[*place], p.columns);
      node = view_.maker(node->inputs[1 - *place]);
    }
    demand(node && node->op == "MatMul" && node->inputs.size() == 2 && node->inputs[0] == x_,
           "queries, keys and values are not projected from the input");
    p.weights = matrix(node->inputs[1], extent_.width, p.columns);
    used_.insert(node);
  }

  const OnnxTensor* matrix(const std::string& name, std::size_t rows, std::size_t columns) const {
    const OnnxTensor* m = view_.constant(name);
    demand(m && m->real && m->dims == Ints{static_cast<std::int64_t>(rows), static_cast<std::int64_t>(columns)},
           "a projection has other extents");
    return m;
  }
  const OnnxTensor* bias(const std::string& name, std::size_t columns) const {
    const OnnxTensor* b = view_.constant(name);
    demand(b && b->real && b->floats.size() == columns && !b->dims.empty() &&
               b->dims.back() == static_cast<std::int64_t>(columns),
           "a bias has other extents");
    return b;
  }

  void pack(const Projection& q, const Projection& k, const Projection& v) {
    const std::size_t width = extent_.width;
    for (const Projection* p : {&q, &k, &v}) {
      std::vector<float>& weights = result_.parameters.emplace_back(width * width);
      for (std::size_t i = 0; i < width; ++i)
        std::copy_n(p->weights->floats.begin() + static_cast<std::ptrdiff_t>(i * p->columns + p->first), width,
                    weights.begin() + static_cast<std::ptrdiff_t>(i * width));
      std::vector<float>& bias = result_.parameters.emplace_back(width);
      if (p->bias) std::copy_n(p->bias->floats.begin() + static_cast<std::ptrdiff_t>(p->first), width, bias.begin());
    }
  }

  /// Heads side by side again, the projection of the output, the input added.
  void finish(const OnnxNode& sum) {
    const OnnxNode& transpose = next(sum.outputs[0], "Transpose");
    demand(view_.integers(transpose, "perm", {}) == Ints{0, 2, 1, 3}, "heads are put together otherwise");
    const OnnxNode& reshape = next(transpose.outputs[0], "Reshape");
    const auto shape = view_.integers_or_input(reshape, "shape", 1);
    demand(shape && shape->size() == 3 && keeps_batch((*shape)[0]) &&
               ((*shape)[1] == 0 || (*shape)[1] == extent_.rows || ((*shape)[1] == -1 && (*shape)[0] != -1)) &&
               ((*shape)[2] == extent_.width || ((*shape)[2] == -1 && (*shape)[0] != -1 && (*shape)[1] != -1)),
           "heads are put together otherwise");
    const OnnxNode& product = next(reshape.outputs[0], "MatMul");
    demand(product.inputs.size() == 2 && product.inputs[0] == reshape.outputs[0],
           "there is no projection of the output");
    result_.parameters.push_back(matrix(product.inputs[1], extent_.width, extent_.width)->floats);
    std::vector<float>& out_bias = result_.parameters.emplace_back(extent_.width);
    result_.result = product.outputs[0];
    const OnnxNode* add = view_.taker(result_.result);
    if (add && add->op == "Add" && view_.constant_place(*add)) {
      out_bias = bias(add->inputs[*view_.constant_place(*add)], extent_.width)->floats;
      result_.result = add->outputs[0];
      add = view_.taker(result_.result);
    }
    if (add && add->op == "Add" && std::find(add->inputs.begin(), add->inputs.end(), x_) != add->inputs.end()) {
      result_.layer.residual = true;
      result_.result = add->outputs[0];
      used_.insert(add);
    }
  }

  const OnnxView& view_;
  const std::string& x_;
  nn::Extent extent_;
  OnnxAttention result_;
  double scale_ = 1;
  std::uint32_t heads_seen_ = 0;
  std::set<const OnnxNode*> used_;
};

}  // namespace

std::optional<OnnxAttention> match_attention(const OnnxView& view, const std::string& x, nn::Extent extent,
                                             std::string& why_not) {
  try {
    return Matcher(view, x, extent).match();
  } catch (const Mismatch& mismatch) {
    why_not = mismatch.why;
    return std::nullopt;
  }
}

}  // namespace swarm::io
