#include "sim/io/onnx_shape.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "sim/core/errors.hpp"

namespace swarm::io {
namespace {

constexpr std::int64_t kMost = std::int64_t{1} << 28;

}  // namespace

void OnnxShape::start() {
  const OnnxValue& input = view_.graph().input;
  std::int64_t numbers = 1;
  bool known = input.dims.size() >= 2;
  for (std::size_t d = 1; d < input.dims.size() && known; ++d) {
    known = input.dims[d].has_value() && *input.dims[d] >= 1 && *input.dims[d] <= kMost &&
            numbers * *input.dims[d] <= kMost;
    if (known) numbers *= *input.dims[d];
  }
  if (!known)
    throw InputError(Diagnostic{.file = view_.file().string(),
                                .problem = fmt::format("the input '{}' has no known extents", input.name),
                                .why = "it needs a batch, which may be free, and behind it extents from 1 on",
                                .suggestion = "Export the model with fixed extents."});
  cursor_ = {.value = input.name,
             .real = input.real,
             .flat = input.dims.size() == 2,
             .extent = {1, static_cast<std::uint32_t>(numbers)}};
  if (input.dims.size() == 3)
    cursor_.extent = {static_cast<std::uint32_t>(*input.dims[1]), static_cast<std::uint32_t>(*input.dims[2])};
  if (input.dims.size() > 3)
    for (std::size_t d = 1; d < input.dims.size(); ++d) many_.push_back(*input.dims[d]);
  if (!input.real) {
    if (!cursor_.flat)
      throw InputError(Diagnostic{.file = view_.file().string(),
                                  .problem = "the input of whole numbers is not [batch][rows]",
                                  .why = "an embedding takes one number per row",
                                  .suggestion = "Give it two dimensions."});
    cursor_.extent = {cursor_.extent.width, 1};
  }
  input_ = cursor_.extent;
}

void OnnxShape::need(const OnnxNode& node, bool channels_first) {
  if (cursor_.flat) view_.refuse(node, "takes a vector", "it needs rows; give the input three dimensions");
  if (cursor_.channels_first == channels_first) return;
  if (!layers_.empty() || reshaped_)
    view_.refuse(node,
                 fmt::format("takes rows of {} numbers {}", cursor_.extent.width,
                             channels_first ? "with their positions first" : "with their channels first"),
                 "a Transpose must stand before it");
  std::swap(cursor_.extent.rows, cursor_.extent.width);
  cursor_.channels_first = channels_first;
  input_ = cursor_.extent;
}

bool OnnxShape::apply(const OnnxNode& node) {
  using Rule = void (OnnxShape::*)(const OnnxNode&);
  static const std::map<std::string, Rule> kRules{
      {"Transpose", &OnnxShape::transpose},    {"Reshape", &OnnxShape::reshape},
      {"Flatten", &OnnxShape::flatten},        {"Squeeze", &OnnxShape::squeeze},
      {"Unsqueeze", &OnnxShape::unsqueeze},    {"ReduceMean", &OnnxShape::mean},
      {"GlobalAveragePool", &OnnxShape::mean}, {"Cast", &OnnxShape::cast}};
  const auto rule = kRules.find(node.op);
  if (rule == kRules.end()) return false;
  (this->*rule->second)(node);
  return true;
}

void OnnxShape::transpose(const OnnxNode& node) {
  const auto order = view_.integers(node, "perm", {});
  if (cursor_.flat || order != std::vector<std::int64_t>{0, 2, 1})
    view_.refuse(node, fmt::format("permutes by [{}]", fmt::join(order, ", ")),
                 "only rows and channels may change places: [0, 2, 1]");
  cursor_.channels_first = !cursor_.channels_first;
}

void OnnxShape::to_vector() {
  if (!cursor_.flat && cursor_.extent.rows > 1 && many_.empty()) {
    if (cursor_.channels_first && cursor_.extent.width > 1) {
      if (layers_.empty()) {  // an input that is only flattened lies as it lies
        std::swap(cursor_.extent.rows, cursor_.extent.width);
        input_ = cursor_.extent;
      } else {
        cursor_.shuffled = cursor_.extent;
      }
    }
    layers_.add(nn::Flatten{}, {});
  }
  many_.clear();
  cursor_.extent = {1, cursor_.extent.rows * cursor_.extent.width};
  cursor_.flat = true;
  cursor_.channels_first = false;
}

void OnnxShape::flatten(const OnnxNode& node) {
  const std::int64_t axis = view_.integer(node, "axis", 1);
  if (axis != 1)
    view_.refuse(node, fmt::format("flattens from axis {}", axis), "samples are kept apart: the axis is 1");
  to_vector();
}

void OnnxShape::reshape(const OnnxNode& node) {
  auto shape = view_.integers_or_input(node, "shape", 1).value_or(std::vector<std::int64_t>{});
  const std::int64_t batch = shape.empty() ? -2 : shape[0];
  const bool zero_copies = view_.integer(node, "allowzero", 0) == 0;
  if (shape.size() < 2 || !((batch == 0 && zero_copies) || batch == -1 || batch == view_.graph().input.dims[0]))
    view_.refuse(node, fmt::format("reshapes to [{}]", fmt::join(shape, ", ")),
                 "the first extent is the batch: 0, −1 or the input's");
  const std::vector<std::int64_t> from = many_.empty() ? cursor_.dims() : many_;
  std::vector<std::int64_t> to(shape.begin() + 1, shape.end());
  std::int64_t product = 1, open = -1;
  const auto all = static_cast<std::int64_t>(cursor_.extent.size());
  for (std::size_t d = 0; d < to.size(); ++d) {
    if (to[d] == 0 && zero_copies && d < from.size()) to[d] = from[d];
    if (to[d] == -1 && open < 0 && batch != -1) {
      open = static_cast<std::int64_t>(d);
    } else if (to[d] < 1 || to[d] > all || (product *= to[d]) > all) {
      view_.refuse(node, fmt::format("reshapes to [{}]", fmt::join(shape, ", ")),
                   fmt::format("a sample has {} numbers", all));
    }
  }
  if (open >= 0) to[static_cast<std::size_t>(open)] = all / product;
  if (all % product != 0 || (open < 0 && product != all))
    view_.refuse(node, fmt::format("reshapes to [{}]", fmt::join(shape, ", ")),
                 fmt::format("a sample has {} numbers", all));
  to_dims(node, to);
}

void OnnxShape::to_dims(const OnnxNode& node, const std::vector<std::int64_t>& dims) {
  if (dims == (many_.empty() ? cursor_.dims() : many_)) return;
  if (dims.size() == 1) return to_vector();
  const bool vector = cursor_.extent.rows == 1;  // of one row: an axis of extent 1 may come or go
  if (dims.size() == 2 && vector && many_.empty() && !cursor_.shuffled && (dims[0] == 1 || dims[1] == 1)) {
    if (layers_.empty() && !cursor_.flat) input_ = cursor_.extent;
    cursor_.flat = false;
    cursor_.channels_first = dims[0] != 1;
    return;
  }
  if (dims.size() == 2 && layers_.empty() && cursor_.real && !cursor_.channels_first) {  // the input read as rows
    many_.clear();
    cursor_.flat = false;
    reshaped_ = true;
    input_ = cursor_.extent = {static_cast<std::uint32_t>(dims[0]), static_cast<std::uint32_t>(dims[1])};
    return;
  }
  view_.refuse(node, fmt::format("reshapes a sample to [{}]", fmt::join(dims, ", ")),
               "behind the first layer a sample may only become one vector");
}

void OnnxShape::squeeze(const OnnxNode& node) {
  const auto axes = view_.integers_or_input(node, "axes", 1).value_or(std::vector<std::int64_t>{});
  auto dims = cursor_.dims();
  const std::int64_t axis = axes.size() == 1 ? (axes[0] < 0 ? axes[0] + cursor_.rank() : axes[0]) : -1;
  if (cursor_.flat || !many_.empty() || (axis != 1 && axis != 2) || dims[static_cast<std::size_t>(axis - 1)] != 1)
    view_.refuse(node, "takes out another axis than a single one of extent 1",
                 "rows or channels can go if there is one");
  dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(axis - 1));
  to_dims(node, dims);
}

void OnnxShape::unsqueeze(const OnnxNode& node) {
  const auto axes = view_.integers_or_input(node, "axes", 1).value_or(std::vector<std::int64_t>{});
  const std::int64_t axis = axes.size() == 1 ? (axes[0] < 0 ? axes[0] + 3 : axes[0]) : -1;
  if (!cursor_.flat || !cursor_.real || (axis != 1 && axis != 2))
    view_.refuse(node, "puts in another axis than one behind the batch of a vector",
                 "a sample has rows and channels only");
  to_dims(node, axis == 1 ? std::vector<std::int64_t>{1, cursor_.extent.width}
                          : std::vector<std::int64_t>{cursor_.extent.width, 1});
}

void OnnxShape::mean(const OnnxNode& node) {
  bool keep = true;
  if (node.op == "GlobalAveragePool") {
    need_channels_first(node);
  } else {
    auto axes = view_.integers_or_input(node, "axes", 1).value_or(std::vector<std::int64_t>{});
    for (std::int64_t& axis : axes) axis += axis < 0 ? cursor_.rank() : 0;
    if (!cursor_.flat && axes == std::vector<std::int64_t>{2}) need_channels_first(node);
    if (cursor_.flat || axes != std::vector<std::int64_t>{cursor_.rows_axis()})
      view_.refuse(node, "is no mean of rows", "its axis must be that of the rows");
    keep = view_.integer(node, "keepdims", 1) != 0;
  }
  if (cursor_.extent.rows > 1) layers_.add(nn::MeanRows{}, {});
  cursor_.extent.rows = 1;
  if (!keep) {
    cursor_.flat = true;
    cursor_.channels_first = false;
  }
}

void OnnxShape::cast(const OnnxNode& node) {
  const std::int64_t to = view_.integer(node, "to", 0);  // 1 float32, 6 int32, 7 int64
  if (cursor_.real ? to != 1 : to != 6 && to != 7)
    view_.refuse(node, "changes the type of numbers", "whole numbers stay whole, and real ones float32");
}

}  // namespace swarm::io
