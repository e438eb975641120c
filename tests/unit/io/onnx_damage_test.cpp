#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "onnx_nets.hpp"

// Files that are damaged, wrong, or made to hurt.
namespace swarm::io {
namespace {

using Type = ::onnx::TensorProto;

class OnnxDamage : public testing::Test {
 protected:
  OnnxDamage() { write_onnx(sample::network(sample::networks()[6]), folder_ / "good.onnx"); }

  ::onnx::ModelProto good() const {
    ::onnx::ModelProto model;
    EXPECT_TRUE(model.ParseFromString(sample::bytes_of(folder_ / "good.onnx")));
    return model;
  }
  std::string problem(const ::onnx::ModelProto& model) const {
    sample::write_bytes(folder_ / "bad.onnx", model.SerializeAsString());
    return sample::problem_of(folder_ / "bad.onnx");
  }
  template <class Change>
  std::string after(Change change) const {
    auto model = good();
    change(model);
    return problem(model);
  }
  void expect(const std::string& problem, const std::string& words) const {
    EXPECT_NE(problem.find(words), std::string::npos) << "'" << words << "' is missing in: " << problem;
  }
  sample::Folder folder_;
};

TEST_F(OnnxDamage, EveryTruncationIsNoticed) {
  const std::string bytes = sample::bytes_of(folder_ / "good.onnx");
  ASSERT_GT(bytes.size(), 3000u);
  sample::write_bytes(folder_ / "bad.onnx", bytes);
  for (std::size_t n = bytes.size(); n-- > 0;) {
    std::filesystem::resize_file(folder_ / "bad.onnx", n);
    const std::string text = sample::problem_of(folder_ / "bad.onnx");
    ASSERT_EQ(text.substr(0, 6), "file: ") << "cut after " << n << " bytes: " << text;
    ASSERT_NE(text.find("bad.onnx"), std::string::npos);
  }
}

// A flipped byte of a weight cannot be noticed. Everything else must be refused in words, and nothing may crash.
TEST_F(OnnxDamage, FlippedBytesAreRefusedOrReadAsNumbers) {
  const std::string bytes = sample::bytes_of(folder_ / "good.onnx");
  sample::write_bytes(folder_ / "bad.onnx", bytes);
  std::fstream file(folder_ / "bad.onnx", std::ios::in | std::ios::out | std::ios::binary);
  const auto put = [&](std::size_t at, char byte) { file.seekp(static_cast<std::streamoff>(at)).put(byte).flush(); };
  std::size_t refused = 0, read = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at)
    for (const unsigned mask : {0x01u, 0x80u, 0xffu}) {
      if (mask != 0xffu && at % 3 != 0) continue;
      put(at, static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ mask));
      try {
        read_onnx(folder_ / "bad.onnx");
        ++read;
      } catch (const InputError&) {
        ++refused;
      } catch (const FileError&) {
        ++refused;
      }
      put(at, bytes[at]);
    }
  ASSERT_TRUE(file.good());
  EXPECT_GT(refused, 1000u);
  EXPECT_GT(read, 1000u);
}

TEST_F(OnnxDamage, WhatIsNoModelIsRefused) {
  for (const std::string& text :
       {std::string(), std::string("hello\n"), std::string(5000, '\0'), std::string("\x89HDF\r\n\x1a\n")}) {
    sample::write_bytes(folder_ / "bad.onnx", text);
    expect(sample::problem_of(folder_ / "bad.onnx"), "is no ONNX model, or a damaged one");
  }
  expect(sample::problem_of(folder_ / "none.onnx"), "cannot read the model (no such file)");
  expect(sample::problem_of(folder_.path()), "cannot read the model (not a file)");
  std::filesystem::resize_file(folder_ / "bad.onnx", (std::uintmax_t{1} << 30) + 1);  // a hole
  expect(sample::problem_of(folder_ / "bad.onnx"), "bytes, more than 1073741824");
}

TEST_F(OnnxDamage, OtherTensorsAreRefusedByName) {
  const auto tensor = [&](auto change) {
    return after([&](auto& m) { change(*m.mutable_graph()->mutable_initializer(0)); });
  };
  const std::string name = "initializer '" + good().graph().initializer(0).name() + "'";
  expect(tensor([](auto& t) { t.set_data_location(Type::EXTERNAL); }), name + " keeps its data in another file");
  expect(tensor([](auto& t) { t.add_external_data()->set_key("location"); }), name + " keeps its data in another file");
  for (const auto& [type, word] : {std::pair{Type::STRING, "STRING"},
                                   {Type::DOUBLE, "DOUBLE"},
                                   {Type::FLOAT16, "FLOAT16"},
                                   {Type::BFLOAT16, "BFLOAT16"},
                                   {Type::UINT8, "UINT8"},
                                   {Type::BOOL, "BOOL"},
                                   {Type::COMPLEX64, "COMPLEX64"},
                                   {Type::UNDEFINED, "UNDEFINED"}})
    expect(tensor([&](auto& t) { t.set_data_type(type); }), name + " holds " + word);
  expect(tensor([](auto& t) { t.set_data_type(99); }), name + " holds numbers of the unknown type 99");
  expect(tensor([](auto& t) { t.set_dims(0, -1); }), name + " has the extents [-1");
  expect(tensor([](auto& t) { t.set_dims(0, std::int64_t{1} << 40); }), "make at most 268435456 numbers");
  expect(tensor([](auto& t) { t.add_dims(2); }), name + " is damaged");
  expect(tensor([](auto& t) { t.add_float_data(1); }), name + " is damaged");
  expect(tensor([](auto& t) { t.clear_raw_data(); }), name + " is damaged");
  expect(tensor([](auto& t) { t.mutable_segment()->set_begin(0); }), name + " comes in segments");
  expect(after([](auto& m) { m.mutable_graph()->add_sparse_initializer(); }), "sparse initializers");
}

TEST_F(OnnxDamage, OtherGraphsAreRefusedByName) {
  const auto graph = [&](auto change) { return after([&](auto& m) { change(*m.mutable_graph()); }); };
  expect(graph([](auto& g) { g.add_output()->set_name("input"); }), "the model has 2 outputs");
  expect(graph([](auto& g) { g.clear_output(); }), "the model has 0 outputs");
  expect(graph([](auto& g) { g.add_input()->set_name("more"); }), "the model has 2 inputs");
  expect(graph([](auto& g) { g.clear_input(); }), "the model has 0 inputs");
  expect(graph([](auto& g) { g.mutable_output(0)->set_name("nowhere"); }), "nothing yields the output 'nowhere'");
  expect(graph([](auto& g) { g.mutable_initializer()->DeleteSubrange(0, 1); }), "which nothing before it yields");
  expect(graph([](auto& g) { g.mutable_node(0)->set_input(0, "output"); }),
         "takes 'output', which nothing before it yields (an initializer is missing, or the graph has a cycle");
  expect(graph([](auto& g) { g.mutable_node(1)->set_output(0, g.node(0).output(0)); }), "two values are named");
  expect(graph([](auto& g) { g.mutable_node(0)->set_domain("com.example"); }), "of the domain 'com.example'");
  expect(graph([](auto& g) { g.mutable_node(0)->set_op_type(""); }), "is not supported");
  expect(graph([](auto& g) { g.mutable_node(0)->clear_input(); }), "node");
  expect(graph([](auto& g) { g.mutable_node(0)->clear_output(); }), "which nothing before it yields");
  expect(graph([](auto& g) { g.mutable_input(0)->clear_type(); }), "input 'input' is no tensor of stated extents");
  expect(graph([](auto& g) { g.mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(Type::STRING); }),
         "input 'input' holds STRING");
  expect(
      graph([](auto& g) {
        g.mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(1)->set_dim_value(-3);
      }),
      "has an extent of -3");
  expect(
      graph([](auto& g) {
        g.mutable_input(0)->mutable_type()->mutable_tensor_type()->mutable_shape()->mutable_dim(1)->clear_dim_value();
      }),
      "has no known extents");
  expect(after([](auto& m) { m.mutable_opset_import(0)->set_version(5); }), "operator set 5");
  expect(after([](auto& m) { m.mutable_opset_import(0)->set_version(1000); }), "operator set 1000");
  expect(after([](auto& m) { m.mutable_opset_import(0)->set_domain("ai.onnx.ml"); }), "operator set 0");
}

TEST_F(OnnxDamage, ReportsAllProblemsAtOnce) {
  const std::string text = after([](auto& m) {
    m.mutable_graph()->mutable_initializer(0)->set_data_type(Type::DOUBLE);
    m.mutable_graph()->mutable_initializer(1)->set_data_location(Type::EXTERNAL);
    m.mutable_graph()->add_output()->set_name("input");
  });
  for (const char* part : {"holds DOUBLE", "in another file", "2 outputs"}) expect(text, part);
}

TEST_F(OnnxDamage, AttributesOfOtherTypesAreRefused) {
  expect(after([](auto& m) {
           for (auto& node : *m.mutable_graph()->mutable_node())
             if (node.op_type() == "LayerNormalization")
               for (auto& a : *node.mutable_attribute())
                 if (a.name() == "epsilon") {
                   a.set_type(::onnx::AttributeProto::STRING);
                   a.set_s("small");
                 }
         }),
         "attribute 'epsilon' of another type");
  expect(after([](auto& m) {
           auto& a = *m.mutable_graph()->mutable_node(0)->add_attribute();
           a.set_name("body");
           a.set_type(::onnx::AttributeProto::GRAPH);
         }),
         "attribute 'body'");
}

}  // namespace
}  // namespace swarm::io
