#include <fmt/format.h>
#include <onnx/onnx_pb.h>
#include <unistd.h>

#include <fstream>

#include "sim/core/errors.hpp"
#include "sim/io/file_safety.hpp"
#include "sim/io/onnx_graph.hpp"

namespace swarm::io {
namespace {

void put(::onnx::TensorProto& to, const OnnxTensor& from) {
  for (const std::int64_t d : from.dims) to.add_dims(d);
  to.set_data_type(from.real ? ::onnx::TensorProto::FLOAT : ::onnx::TensorProto::INT64);
  if (from.real)
    to.set_raw_data(from.floats.data(), from.floats.size() * sizeof(float));
  else
    to.set_raw_data(from.integers.data(), from.integers.size() * sizeof(std::int64_t));
}

struct PutAttribute {
  ::onnx::AttributeProto& to;

  void operator()(std::int64_t v) const {
    to.set_type(::onnx::AttributeProto::INT);
    to.set_i(v);
  }
  void operator()(float v) const {
    to.set_type(::onnx::AttributeProto::FLOAT);
    to.set_f(v);
  }
  void operator()(const std::string& v) const {
    to.set_type(::onnx::AttributeProto::STRING);
    to.set_s(v);
  }
  void operator()(const std::vector<std::int64_t>& v) const {
    to.set_type(::onnx::AttributeProto::INTS);
    for (const std::int64_t i : v) to.add_ints(i);
  }
  void operator()(const std::vector<float>& v) const {
    to.set_type(::onnx::AttributeProto::FLOATS);
    for (const float f : v) to.add_floats(f);
  }
  void operator()(const OnnxTensor& v) const {
    to.set_type(::onnx::AttributeProto::TENSOR);
    put(*to.mutable_t(), v);
  }
};

void put(::onnx::ValueInfoProto& to, const OnnxValue& from) {
  to.set_name(from.name);
  auto& type = *to.mutable_type()->mutable_tensor_type();
  type.set_elem_type(from.real ? ::onnx::TensorProto::FLOAT : ::onnx::TensorProto::INT64);
  type.mutable_shape();
  for (const auto& d : from.dims) {
    auto& dim = *type.mutable_shape()->add_dim();
    if (d)
      dim.set_dim_value(*d);
    else
      dim.set_dim_param("batch");
  }
}

::onnx::ModelProto message(const OnnxGraph& graph) {
  ::onnx::ModelProto model;
  model.set_ir_version(graph.ir_version);
  model.set_producer_name(graph.producer);
  model.set_producer_version(graph.producer_version);
  model.set_doc_string(graph.doc);
  auto& set = *model.add_opset_import();
  set.set_domain("");
  set.set_version(graph.opset);
  auto& to = *model.mutable_graph();
  to.set_name(graph.name);
  for (const OnnxNode& from : graph.nodes) {
    auto& node = *to.add_node();
    node.set_name(from.name);
    node.set_op_type(from.op);
    for (const auto& i : from.inputs) node.add_input(i);
    for (const auto& o : from.outputs) node.add_output(o);
    for (const auto& [name, value] : from.attributes) {
      auto& attribute = *node.add_attribute();
      attribute.set_name(name);
      std::visit(PutAttribute{attribute}, value);
    }
  }
  for (const auto& [name, tensor] : graph.constants) {
    auto& initializer = *to.add_initializer();
    initializer.set_name(name);
    put(initializer, tensor);
  }
  put(*to.add_input(), graph.input);
  put(*to.add_output(), graph.output);
  return model;
}

}  // namespace

void save_onnx(const OnnxGraph& graph, const std::filesystem::path& file) {
  const auto cannot = [&](const char* why) {
    throw FileError({.file = file.string(),
                     .problem = "cannot write the model",
                     .why = why,
                     .suggestion = "Make room, or choose another place."});
  };
  std::filesystem::path beside = file;
  beside += fmt::format(".tmp{}", getpid());
  TemporaryFile temporary(beside);
  const ::onnx::ModelProto model = message(graph);
  if (model.ByteSizeLong() > std::size_t{1} << 30)
    cannot("it would have more than 2^30 bytes, the most that is read again");
  std::ofstream out(beside, std::ios::binary);
  if (!out || !model.SerializeToOstream(&out) || !out.flush()) cannot("the file system refuses");
  out.close();
  temporary.move_to(file);
}

}  // namespace swarm::io
