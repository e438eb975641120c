#include <fcntl.h>
#include <fmt/format.h>
#include <onnx/onnx_pb.h>
#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <set>

#include "sim/core/errors.hpp"
#include "sim/io/onnx_graph.hpp"

namespace swarm::io {
namespace {

static_assert(std::endian::native == std::endian::little, "raw tensors are little-endian");

/// Largest file that is looked at: a quarter of a billion parameters, far beyond a small specialist.
constexpr std::uintmax_t kMostBytes = std::uintmax_t{1} << 30;
/// Most numbers in a tensor, as in nn::Architecture.
constexpr std::int64_t kMostNumbers = std::int64_t{1} << 28;
/// Operator sets whose meaning the import knows.
constexpr std::int64_t kOldestOpset = 6, kNewestOpset = 22;

[[noreturn]] void damaged(const std::filesystem::path& file, std::string problem, std::string why) {
  throw FileError({.file = file.string(),
                   .problem = std::move(problem),
                   .why = std::move(why),
                   .suggestion = "Export or copy the model again."});
}

::onnx::ModelProto parse(const std::filesystem::path& file) {
  std::error_code error;
  const auto cannot = [&](const std::string& why) {
    throw FileError(
        {.file = file.string(), .problem = "cannot read the model", .why = why, .suggestion = "Check the path."});
  };
  if (!std::filesystem::is_regular_file(file, error))
    cannot(std::filesystem::exists(file, error) ? "not a file" : "no such file");
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  if (error) cannot(error.message());
  if (size > kMostBytes)
    throw InputError(Diagnostic{.file = file.string(),
                                .problem = fmt::format("the model has {} bytes, more than {}", size, kMostBytes),
                                .why = "swarmsim is for small specialists",
                                .suggestion = "Use a smaller model."});
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) cannot(std::strerror(errno));
  ::onnx::ModelProto model;
  const bool whole = model.ParseFromFileDescriptor(descriptor);
  ::close(descriptor);
  if (!whole) damaged(file, "is no ONNX model, or a damaged one", "its bytes do not follow the format");
  if (!model.has_graph() || !model.has_ir_version() || model.opset_import_size() == 0)
    damaged(file, "is no ONNX model, or a damaged one", "it lacks a graph, a version of the format or an operator set");
  return model;
}

/// Turns the parsed file into plain values and gathers what is wrong with it.
class Loader {
 public:
  Loader(const std::filesystem::path& file, const ::onnx::ModelProto& model) : file_(file), model_(model) {}

  OnnxGraph load() {
    header();
    for (const auto& tensor : model_.graph().initializer()) constant(tensor.name(), tensor, "initializer");
    if (model_.graph().sparse_initializer_size() > 0)
      problem("the model has sparse initializers", "only dense ones are read", "Export dense weights.");
    for (const auto& node : model_.graph().node()) add(node);
    boundary();
    order();
    if (!problems_.empty()) throw InputError(std::move(problems_));
    return std::move(graph_);
  }

 private:
  void problem(std::string what, std::string why, std::string suggestion) {
    problems_.push_back({.file = file_.string(),
                         .problem = std::move(what),
                         .why = std::move(why),
                         .suggestion = std::move(suggestion)});
  }

  void header() {
    graph_.ir_version = model_.ir_version();
    graph_.producer = model_.producer_name();
    graph_.producer_version = model_.producer_version();
    graph_.doc = model_.doc_string();
    graph_.name = model_.graph().name();
    for (const auto& set : model_.opset_import())
      if (set.domain().empty() || set.domain() == "ai.onnx") graph_.opset = set.version();
    if (graph_.opset < kOldestOpset || graph_.opset > kNewestOpset)
      problem(fmt::format("the model uses operator set {}", graph_.opset),
              "operators mean different things in different sets",
              fmt::format("Export it for one of {} to {}.", kOldestOpset, kNewestOpset));
  }

  /// Reads a tensor, or reports why not.
  std::optional<OnnxTensor> tensor(const ::onnx::TensorProto& from, const std::string& what) {
    using Type = ::onnx::TensorProto;
    const std::size_t before = problems_.size();
    std::int64_t numbers = 1;
    for (const std::int64_t d : from.dims()) {
      if (d < 0 || d > kMostNumbers || (numbers *= d) > kMostNumbers) {
        problem(fmt::format("{} has the extents [{}]", what, fmt::join(from.dims(), ", ")),
                fmt::format("extents are at least 0 and make at most {} numbers", kMostNumbers),
                "Export the model again.");
        break;
      }
    }
    if (from.data_location() == Type::EXTERNAL || from.external_data_size() > 0)
      problem(fmt::format("{} keeps its data in another file", what), "a model is one file here",
              "Save it with its weights inside.");
    if (from.has_segment())
      problem(fmt::format("{} comes in segments", what), "tensors are read whole", "Export the model again.");
    if (from.data_type() != Type::FLOAT && from.data_type() != Type::INT64 && from.data_type() != Type::INT32)
      problem(fmt::format("{} holds {}", what, type_name(from.data_type())),
              "networks are read as float32, with int64 or int32 for sizes and indices",
              "Convert the model to float32.");
    if (problems_.size() > before) return std::nullopt;
    OnnxTensor to{{from.dims().begin(), from.dims().end()}, from.data_type() == Type::FLOAT};
    const auto n = static_cast<std::size_t>(numbers);
    const bool fits = from.data_type() == Type::FLOAT   ? fill<float>(from, from.float_data(), n, to.floats)
                      : from.data_type() == Type::INT64 ? fill<std::int64_t>(from, from.int64_data(), n, to.integers)
                                                        : fill<std::int32_t>(from, from.int32_data(), n, to.integers);
    if (!fits) damaged(file_, fmt::format("{} is damaged", what), fmt::format("its data are not {} numbers", n));
    return to;
  }

  template <class Stored, class Field, class Number>
  static bool fill(const ::onnx::TensorProto& from, const Field& field, std::size_t n, std::vector<Number>& to) {
    if (!from.has_raw_data()) {
      to.assign(field.begin(), field.end());
      return to.size() == n;
    }
    if (from.raw_data().size() != n * sizeof(Stored) || field.size() > 0) return false;
    std::vector<Stored> stored(n);
    if (n > 0) std::memcpy(stored.data(), from.raw_data().data(), n * sizeof(Stored));
    to.assign(stored.begin(), stored.end());
    return true;
  }

  static std::string type_name(std::int32_t type) {
    return ::onnx::TensorProto::DataType_IsValid(type)
               ? ::onnx::TensorProto::DataType_Name(static_cast<::onnx::TensorProto::DataType>(type))
               : fmt::format("numbers of the unknown type {}", type);
  }

  void constant(const std::string& name, const ::onnx::TensorProto& from, const char* kind) {
    const auto read = tensor(from, fmt::format("{} '{}'", kind, name));
    if (!yields_.insert(name).second)
      problem(fmt::format("two {}s are named '{}'", kind, name), "a name stands for one value",
              "Export the model again.");
    if (read) graph_.constants.insert_or_assign(name, *read);
  }

  void add(const ::onnx::NodeProto& from) {
    const std::string what = fmt::format(
        "node '{}' ({})", from.name().empty() && from.output_size() > 0 ? from.output(0) : from.name(), from.op_type());
    if (!from.domain().empty() && from.domain() != "ai.onnx") {
      problem(fmt::format("{} is of the domain '{}'", what, from.domain()), "only ONNX's own operators are known",
              "Export with standard operators.");
    }
    OnnxNode node{from.name().empty() && from.output_size() > 0 ? from.output(0) : from.name(),
                  from.op_type(),
                  {from.input().begin(), from.input().end()},
                  {from.output().begin(), from.output().end()}};
    for (const auto& attribute : from.attribute()) add(attribute, what, node);
    if (node.op == "Constant" && from.output_size() == 1)
      fold(node, what);
    else
      graph_.nodes.push_back(std::move(node));
  }

  void add(const ::onnx::AttributeProto& from, const std::string& what, OnnxNode& node) {
    using Type = ::onnx::AttributeProto;
    OnnxAttribute& to = node.attributes[from.name()];
    switch (from.type()) {
      case Type::INT:
        to = from.i();
        return;
      case Type::FLOAT:
        to = from.f();
        return;
      case Type::STRING:
        to = from.s();
        return;
      case Type::INTS:
        to = std::vector<std::int64_t>(from.ints().begin(), from.ints().end());
        return;
      case Type::FLOATS:
        to = std::vector<float>(from.floats().begin(), from.floats().end());
        return;
      case Type::TENSOR:
        if (auto read = tensor(from.t(), fmt::format("attribute '{}' of {}", from.name(), what))) to = std::move(*read);
        return;
      default:
        problem(fmt::format("attribute '{}' of {} is of a kind that is not supported", from.name(), what),
                "numbers, texts and tensors are read, no graphs, lists of texts or sparse tensors",
                "Export the model without it.");
    }
  }

  /// A Constant node becomes a constant of the graph.
  void fold(const OnnxNode& node, const std::string& what) {
    OnnxTensor value;
    const auto set = [&](const OnnxAttribute& a) {
      if (const auto* t = std::get_if<OnnxTensor>(&a))
        value = *t;
      else if (const auto* f = std::get_if<float>(&a))
        value.floats = {*f};
      else if (const auto* i = std::get_if<std::int64_t>(&a))
        value = {{}, false, {}, {*i}};
      else if (const auto* fs = std::get_if<std::vector<float>>(&a))
        value = {{static_cast<std::int64_t>(fs->size())}, true, *fs};
      else if (const auto* is = std::get_if<std::vector<std::int64_t>>(&a))
        value = {{static_cast<std::int64_t>(is->size())}, false, {}, *is};
      else
        return false;
      return true;
    };
    if (node.attributes.size() != 1 || !node.attributes.begin()->first.starts_with("value") ||
        !set(node.attributes.begin()->second))
      problem(fmt::format("{} holds no number", what), "constants are tensors of numbers here",
              "Export the model without it.");
    if (!yields_.insert(node.outputs[0]).second)
      problem(fmt::format("two values are named '{}'", node.outputs[0]), "a name stands for one value",
              "Export the model again.");
    graph_.constants.insert_or_assign(node.outputs[0], std::move(value));
  }

  OnnxValue value(const ::onnx::ValueInfoProto& from, const char* kind) {
    OnnxValue to{from.name(), true, {}};
    const auto& type = from.type().tensor_type();
    if (!from.type().has_tensor_type() || !type.has_shape()) {
      problem(fmt::format("{} '{}' is no tensor of stated extents", kind, to.name), "a network's sizes must be known",
              "Export it with extents; the first may be free.");
      return to;
    }
    using Type = ::onnx::TensorProto;
    to.real = type.elem_type() == Type::FLOAT;
    if (!to.real && type.elem_type() != Type::INT64 && type.elem_type() != Type::INT32)
      problem(fmt::format("{} '{}' holds {}", kind, to.name, type_name(type.elem_type())),
              "float32, int64 and int32 are supported", "Convert the model.");
    for (const auto& d : type.shape().dim()) {
      if (d.has_dim_value() && (d.dim_value() < 0 || d.dim_value() > kMostNumbers))
        problem(fmt::format("{} '{}' has an extent of {}", kind, to.name, d.dim_value()),
                fmt::format("extents are 0 to {}", kMostNumbers), "Export the model again.");
      to.dims.push_back(d.has_dim_value() ? std::optional(d.dim_value()) : std::nullopt);
    }
    return to;
  }

  void boundary() {
    std::vector<const ::onnx::ValueInfoProto*> inputs;  // old files list initializers as inputs, too
    const std::set<std::string> initializers = names(model_.graph().initializer());
    for (const auto& input : model_.graph().input())
      if (!initializers.contains(input.name())) inputs.push_back(&input);
    const auto count = [&](const char* kind, std::size_t n) {
      if (n != 1)
        problem(fmt::format("the model has {} {}s", n, kind), "a network has one input and one output",
                "Export the part that has one of each.");
    };
    count("input", inputs.size());
    count("output", static_cast<std::size_t>(model_.graph().output_size()));
    for (const auto* input : inputs)
      if (!yields_.insert(input->name()).second)
        problem(fmt::format("two values are named '{}'", input->name()), "a name stands for one value",
                "Export the model again.");
    if (!inputs.empty()) graph_.input = value(*inputs[0], "input");
    if (model_.graph().output_size() > 0) graph_.output = value(model_.graph().output(0), "output");
  }

  template <class Messages>
  static std::set<std::string> names(const Messages& messages) {
    std::set<std::string> all;
    for (const auto& m : messages) all.insert(m.name());
    return all;
  }

  /// Every value is there before it is used, which also excludes cycles, and comes from one node.
  void order() {
    for (const OnnxNode& node : graph_.nodes) {
      for (const std::string& input : node.inputs)
        if (!input.empty() && !yields_.contains(input))
          problem(fmt::format("node '{}' ({}) takes '{}', which nothing before it yields", node.name, node.op, input),
                  "an initializer is missing, or the graph has a cycle or a wrong order", "Export the model again.");
      for (const std::string& output : node.outputs)
        if (!output.empty() && !yields_.insert(output).second)
          problem(fmt::format("two values are named '{}'", output), "a name stands for one value",
                  "Export the model again.");
    }
    if (!graph_.output.name.empty() && !yields_.contains(graph_.output.name))
      problem(fmt::format("nothing yields the output '{}'", graph_.output.name), "the graph ends before it",
              "Export the model again.");
  }

  const std::filesystem::path& file_;
  const ::onnx::ModelProto& model_;
  OnnxGraph graph_;
  std::set<std::string> yields_;
  std::vector<Diagnostic> problems_;
};

}  // namespace

OnnxGraph load_onnx(const std::filesystem::path& file) {
  const ::onnx::ModelProto model = parse(file);
  return Loader(file, model).load();
}

}  // namespace swarm::io
