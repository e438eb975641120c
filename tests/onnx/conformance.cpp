// ONNX's own test cases for the operators that swarmsim has, run through swarmsim's functions on every instruction set.
//
// usage: conformance DATA              every case of DATA/{node,pytorch-converted,pytorch-operator,simple}
//        conformance --self-test DATA  spoils each operator in turn and expects its cases, and only those, to fail
//
// Exit code 0: every case passed or is on the list of skipped ones; 1: one did neither; 77: there are no cases.
// Tolerances are those of ONNX's backend runner: |result − expected| ≤ 1e-7 + 1e-3·|expected|, NaN equals NaN; whole
// numbers, types and extents are equal.
#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <optional>
#include <set>

#include "agents/nn/isa.hpp"
#include "operators.hpp"
#include "skipped.hpp"

namespace swarm::conformance {
namespace {

constexpr double kAbsolute = 1e-7, kRelative = 1e-3;

/// One of ONNX's cases: a small model and one or more sets of inputs with the outputs they must give.
struct Case {
  std::string name;
  std::filesystem::path folder;
  ::onnx::ModelProto model;
  std::set<std::string> operators;  // ours that it has
};

std::vector<Case> load_cases(const std::filesystem::path& data) {
  std::vector<Case> cases;
  for (const char* kind : {"node", "pytorch-converted", "pytorch-operator", "simple"}) {
    if (!std::filesystem::is_directory(data / kind)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(data / kind)) {
      Case c{std::string(kind) + "/" + entry.path().filename().string(), entry.path(), {}, {}};
      std::ifstream in(entry.path() / "model.onnx", std::ios::binary);
      if (!in || !c.model.ParseFromIstream(&in)) continue;
      for (const auto& node : c.model.graph().node())
        if (our_operators().contains(node.op_type())) c.operators.insert(node.op_type());
      if (!c.operators.empty()) cases.push_back(std::move(c));
    }
  }
  std::sort(cases.begin(), cases.end(), [](const Case& a, const Case& b) { return a.name < b.name; });
  return cases;
}

/// Runs a case's graph node by node; `spoilt`: the operator that computes something else.
std::vector<Tensor> run(const Case& c, const std::vector<Tensor>& inputs, const std::string& spoilt) {
  std::map<std::string, Tensor> values;
  std::size_t next = 0;
  for (const auto& tensor : c.model.graph().initializer()) values[tensor.name()] = from_proto(tensor);
  for (const auto& input : c.model.graph().input())
    if (!values.contains(input.name())) values[input.name()] = inputs.at(next++);
  std::int64_t opset = 0;
  for (const auto& set : c.model.opset_import())
    if (set.domain().empty()) opset = set.version();
  for (const auto& node : c.model.graph().node()) {
    const auto ours = our_operators().find(node.op_type()), glue = glue_operators().find(node.op_type());
    if (ours == our_operators().end() && glue == glue_operators().end())
      throw NotOurs("the operator " + node.op_type());
    Job job{node, {}, opset, node.op_type() == spoilt};
    for (const auto& input : node.input()) job.inputs.push_back(input.empty() ? nullptr : &values.at(input));
    Outputs outputs = ours != our_operators().end() ? ours->second(job) : glue->second(job);
    for (int i = 0; i < node.output_size(); ++i) values[node.output(i)] = outputs.at(static_cast<std::size_t>(i));
  }
  std::vector<Tensor> outputs;
  for (const auto& output : c.model.graph().output()) outputs.push_back(values.at(output.name()));
  return outputs;
}

/// What is wrong with a result, or nothing.
std::string difference(const Tensor& result, const Tensor& expected) {
  if (result.type != expected.type) return fmt::format("type {} instead of {}", result.type, expected.type);
  if (result.dims != expected.dims)
    return fmt::format("extents [{}] instead of [{}]", fmt::join(result.dims, ", "), fmt::join(expected.dims, ", "));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!expected.is_real()) {
      if (result.whole[i] != expected.whole[i])
        return fmt::format("number {} is {} instead of {}", i, result.whole[i], expected.whole[i]);
      continue;
    }
    const double got = result.real[i], wanted = expected.real[i];
    const bool alike = got == wanted || (std::isnan(got) && std::isnan(wanted)) ||
                       std::abs(got - wanted) <= kAbsolute + kRelative * std::abs(wanted);
    if (!alike) return fmt::format("number {} is {} instead of {}", i, got, wanted);
  }
  return {};
}

/// What is wrong with a case, or nothing.
std::string problem(const Case& c, const std::string& spoilt) {
  std::size_t sets = 0;
  for (const auto& set : std::filesystem::directory_iterator(c.folder)) {
    if (!set.is_directory()) continue;
    ++sets;
    const auto load = [&](const char* kind) {
      std::vector<Tensor> tensors;
      for (std::size_t i = 0; std::filesystem::exists(set.path() / fmt::format("{}_{}.pb", kind, i)); ++i)
        tensors.push_back(load_tensor(set.path() / fmt::format("{}_{}.pb", kind, i)));
      return tensors;
    };
    const std::vector<Tensor> expected = load("output"), results = run(c, load("input"), spoilt);
    if (expected.empty() || results.size() != expected.size())
      return fmt::format("{} outputs instead of {}", results.size(), expected.size());
    for (std::size_t o = 0; o < expected.size(); ++o)
      if (const std::string wrong = difference(results[o], expected[o]); !wrong.empty())
        return fmt::format("output {}: {}", o, wrong);
  }
  return sets == 0 ? "there are no data" : "";
}

std::string problem_or_refusal(const Case& c, const std::string& spoilt) {
  try {
    return problem(c, spoilt);
  } catch (const std::exception& e) {
    return e.what();
  }
}

struct Tally {
  int passed = 0, skipped = 0, failed = 0;
};

int conformance(const std::vector<Case>& cases) {
  auto skipped = skipped_cases();
  std::map<std::string, Tally> by_operator;
  int faults = 0;
  for (const Case& c : cases) {
    const auto skip = skipped.extract(c.name);
    std::string wrong;
    for (const nn::Isa set : {nn::Isa::portable, nn::Isa::avx2, nn::Isa::avx512}) {
      if (!skip.empty() || !wrong.empty() || !nn::supported(set)) continue;
      nn::force_isa_for_tests(set);
      wrong = problem_or_refusal(c, "");
      if (!wrong.empty()) wrong += fmt::format(" ({})", core::enum_name(set));
    }
    for (const std::string& op : c.operators)
      ++(skip ? by_operator[op].skipped : wrong.empty() ? by_operator[op].passed : by_operator[op].failed);
    faults += wrong.empty() ? 0 : 1;
    fmt::print("{} {}{}\n",
               skip            ? "SKIP"
               : wrong.empty() ? "pass"
                               : "FAIL",
               c.name,
               skip            ? ": " + skip.mapped()
               : wrong.empty() ? ""
                               : ": " + wrong);
  }
  for (const auto& [name, why] : skipped)
    fmt::print("FAIL {}: is on the list of skipped cases, but is no case\n", name);
  Tally all;
  fmt::print("\n{:<24}{:>7}{:>9}{:>8}\n", "operator", "passed", "skipped", "failed");
  for (const auto& [op, run] : our_operators()) {
    const Tally& t = by_operator[op];
    fmt::print("{:<24}{:>7}{:>9}{:>8}\n", op, t.passed, t.skipped, t.failed);
    if (t.passed == 0) {
      fmt::print("FAIL no case of {} passed\n", op);
      ++faults;
    }
  }
  const auto skips = static_cast<int>(skipped_cases().size() - skipped.size());
  fmt::print("{} cases: {} passed, {} skipped, {} failed\n", cases.size(),
             static_cast<int>(cases.size()) - skips - faults, skips, faults);
  return faults == 0 && skipped.empty() ? 0 : 1;
}

/// A harness that passes wrong results is worth nothing.
int self_test(const std::vector<Case>& cases) {
  const auto skipped = skipped_cases();
  int faults = 0;
  for (const auto& [op, run] : our_operators()) {
    int noticed = 0, others = 0;
    for (const Case& c : cases)
      if (!skipped.contains(c.name) && !problem_or_refusal(c, op).empty())
        ++(c.operators.contains(op) ? noticed : others);
    fmt::print("{} {} spoilt: {} cases of it fail, {} others\n", noticed > 0 && others == 0 ? "pass" : "FAIL", op,
               noticed, others);
    faults += noticed > 0 && others == 0 ? 0 : 1;
  }
  return faults == 0 ? 0 : 1;
}

}  // namespace
}  // namespace swarm::conformance

int main(int argc, char** argv) {
  using namespace swarm::conformance;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const bool self = arguments.size() == 2 && arguments[0] == "--self-test";
  if (!self && arguments.size() != 1) {
    fmt::print("usage: conformance [--self-test] DATA\n");
    return 2;
  }
  const auto cases = load_cases(arguments.back());
  if (cases.empty()) {
    fmt::print("skipped: no ONNX test cases in '{}' (apt-get install libonnx-testdata)\n", arguments.back());
    return 77;
  }
  return self ? self_test(cases) : conformance(cases);
}
