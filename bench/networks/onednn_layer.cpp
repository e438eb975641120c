#include "bench/networks/onednn_layer.hpp"

#include <cstring>

namespace swarm {
namespace bench {

void OneDnnLayer::create(const OneDnnNet& net) {
  const dnnl::memory::desc any_weights({out, in}, from == Type::bf16 ? Type::bf16 : plain_weights().data_type(),
                                       dnnl::memory::format_tag::any);
  dnnl::post_ops after;
  if (relu) after.append_eltwise(1.0f, dnnl::algorithm::eltwise_relu, 0.0f, 0.0f);
  dnnl::primitive_attr attributes;
  attributes.set_post_ops(after);
  if (!scales.empty()) attributes.set_output_scales(1 << 1, scales);
  description = {{dnnl::prop_kind::forward_inference, source(), any_weights, plain_bias(), target()},
                 attributes,
                 net.engine};
  primitive = dnnl::inner_product_forward(description);
}

void OneDnnNet::add(const OneDnnLayer& layer, const dnnl::memory& x, const void* weights, const void* bias,
                    const dnnl::memory& y) {
  dnnl::memory plain(layer.plain_weights(), engine, const_cast<void*>(weights));
  dnnl::memory packed(layer.description.weights_desc(), engine);
  dnnl::reorder(plain, packed).execute(stream, plain, packed);
  stream.wait();
  const dnnl::memory copied(layer.plain_bias(), engine);
  std::memcpy(copied.get_data_handle(), bias, layer.plain_bias().get_size());
  calls_.push_back({layer.primitive.get(),
                    {{DNNL_ARG_SRC, x.get()},
                     {DNNL_ARG_WEIGHTS, packed.get()},
                     {DNNL_ARG_BIAS, copied.get()},
                     {DNNL_ARG_DST, y.get()}}});
  primitives_.push_back(layer.primitive);
  kept_.insert(kept_.end(), {x, packed, copied, y});
}

void OneDnnNet::run() const {
  for (const Call& call : calls_)
    dnnl::error::wrap_c_api(dnnl_primitive_execute(call.primitive, stream.get(), 4, call.arguments),
                            "an inner product failed");
}

OneDnnNetworks::OneDnnNetworks(std::string name, std::vector<OneDnnLayer> layers, std::size_t models)
    : Contestant(std::move(name)),
      layers_(std::move(layers)),
      outputs_(models * static_cast<std::size_t>(layers_.back().rows * layers_.back().out)),
      next_output_(outputs_.data()) {
  for (OneDnnLayer& layer : layers_) layer.create(net_);
  for (std::size_t l = 0; l + 1 < layers_.size(); ++l) activations_.emplace_back(layers_[l].target(), net_.engine);
}

void OneDnnNetworks::add(const void* inputs, std::span<const Parameters> parameters) {
  dnnl::memory x(layers_.front().source(), net_.engine, const_cast<void*>(inputs));
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    const dnnl::memory y = l + 1 < layers_.size() ? activations_[l]
                                                  : dnnl::memory(layers_[l].target(), net_.engine, next_output_);
    net_.add(layers_[l], x, parameters[l].weights, parameters[l].bias, y);
    x = y;
  }
  next_output_ += layers_.back().rows * layers_.back().out;
}

}  // namespace bench
}  // namespace swarm
