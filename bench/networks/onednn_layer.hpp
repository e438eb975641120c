#pragma once
#include <oneapi/dnnl/dnnl.hpp>
#include <span>
#include <vector>

#include "agents/nn/model.hpp"
#include "bench/networks/contest.hpp"

/// oneDNN's inner products, in floats or in bytes, and networks of them with all arguments made up in advance.
namespace swarm {
namespace bench {

struct OneDnnLayer;

struct OneDnnNet {
  dnnl::engine engine{dnnl::engine::kind::cpu, 0};
  dnnl::stream stream{engine};

  /// One more call at the end. Weights are [in][out], copied into the order that the primitive prefers.
  void add(const OneDnnLayer& layer, const dnnl::memory& x, const void* weights, const void* bias,
           const dnnl::memory& y);
  /// All calls in turn.
  void run() const;

 private:
  struct Call {
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t arguments[4];
  };
  std::vector<Call> calls_;
  std::vector<dnnl::primitive> primitives_;  // kept alive, as the memory is
  std::vector<dnnl::memory> kept_;
};

/// y = f(scale[c] · (x·W + bias)), rows × out; without scales 1. x is f32, bf16 or u8; W is multiplied in f32, bf16 or s8,
/// and given in f32, f32 or s8; the bias is f32, f32 or s32.
struct OneDnnLayer {
  using Type = dnnl::memory::data_type;

  dnnl_dim_t rows, in, out;
  bool relu;
  Type from = Type::f32;  ///< of x
  Type to = Type::f32;    ///< of y; u8 is rounded to nearest, ties to even, and saturates
  std::vector<float> scales = {};

  void create(const OneDnnNet& net);

  dnnl::memory::desc source() const { return {{rows, in}, from, dnnl::memory::format_tag::nc}; }
  dnnl::memory::desc target() const { return {{rows, out}, to, dnnl::memory::format_tag::nc}; }
  dnnl::memory::desc plain_weights() const {
    return {{out, in}, in_bytes() ? Type::s8 : Type::f32, dnnl::memory::format_tag::io};
  }
  dnnl::memory::desc plain_bias() const {
    return {{out}, in_bytes() ? Type::s32 : Type::f32, dnnl::memory::format_tag::x};
  }
  bool in_bytes() const { return from == Type::u8; }

  // Made by create().
  dnnl::inner_product_forward::primitive_desc description = {};
  dnnl::primitive primitive = {};
};

/// Networks of the same layers, whose activations share their memory.
class OneDnnNetworks final : public Contestant {
 public:
  OneDnnNetworks(std::string name, std::vector<OneDnnLayer> layers, std::size_t models);

  /// Of one layer.
  struct Parameters {
    const void *weights, *bias;
  };
  /// The next of the models; `inputs` must outlive this.
  void add(const void* inputs, std::span<const Parameters> parameters);

  void pass() override { net_.run(); }
  std::vector<float> outputs() const override { return {outputs_.begin(), outputs_.end()}; }

 private:
  OneDnnNet net_;
  std::vector<OneDnnLayer> layers_;
  std::vector<dnnl::memory> activations_;  // behind each layer but the last
  nn::AlignedFloats outputs_;
  float* next_output_;
};

}  // namespace bench
}  // namespace swarm
