#include "tensor.hpp"

#include <onnx/onnx_pb.h>

#include <cstring>
#include <fstream>

namespace swarm::conformance {
namespace {

using Type = ::onnx::TensorProto;

template <class Stored, class Field, class Number>
void fill(const Type& proto, const Field& field, std::vector<Number>& to, std::size_t n) {
  if (proto.has_raw_data()) {
    if (proto.raw_data().size() != n * sizeof(Stored)) throw std::runtime_error("raw data of another size");
    std::vector<Stored> stored(n);
    if (n > 0) std::memcpy(stored.data(), proto.raw_data().data(), n * sizeof(Stored));
    to.assign(stored.begin(), stored.end());
  } else {
    to.assign(field.begin(), field.end());
    if (to.size() != n) throw std::runtime_error("data of another size");
  }
}

}  // namespace

Tensor from_proto(const Type& proto) {
  Tensor t{{proto.dims().begin(), proto.dims().end()}, proto.data_type()};
  const std::size_t n = t.size();
  switch (proto.data_type()) {
    case Type::FLOAT:
      fill<float>(proto, proto.float_data(), t.real, n);
      break;
    case Type::UINT8:
      fill<std::uint8_t>(proto, proto.int32_data(), t.whole, n);
      break;
    case Type::INT8:
      fill<std::int8_t>(proto, proto.int32_data(), t.whole, n);
      break;
    case Type::INT32:
      fill<std::int32_t>(proto, proto.int32_data(), t.whole, n);
      break;
    case Type::INT64:
      fill<std::int64_t>(proto, proto.int64_data(), t.whole, n);
      break;
    default:
      throw NotOurs("numbers of the type " + Type::DataType_Name(static_cast<Type::DataType>(proto.data_type())));
  }
  return t;
}

Tensor load_tensor(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  Type proto;
  if (!in || !proto.ParseFromIstream(&in)) throw std::runtime_error("cannot read " + file.string());
  return from_proto(proto);
}

Tensor transposed(const Tensor& t, const std::vector<std::size_t>& order) {
  Tensor out{{}, t.type};
  for (const std::size_t axis : order) out.dims.push_back(t.dims[axis]);
  std::vector<std::size_t> index(order.size(), 0);
  for (std::size_t i = 0; i < t.size(); ++i) {
    std::size_t from = 0;
    for (std::size_t axis = 0; axis < order.size(); ++axis) {
      std::size_t at = 0;
      for (std::size_t k = 0; k < order.size(); ++k)
        if (order[k] == axis) at = index[k];
      from = from * static_cast<std::size_t>(t.dims[axis]) + at;
    }
    if (t.is_real())
      out.real.push_back(t.real[from]);
    else
      out.whole.push_back(t.whole[from]);
    for (std::size_t k = order.size(); k-- > 0;) {
      if (++index[k] < static_cast<std::size_t>(out.dims[k])) break;
      index[k] = 0;
    }
  }
  return out;
}

Tensor axis_last(const Tensor& t, std::size_t axis, bool back) {
  std::vector<std::size_t> order;
  const std::size_t rank = t.dims.size();
  for (std::size_t d = 0; d < rank; ++d)
    order.push_back(d < axis ? d : back ? (d == axis ? rank - 1 : d - 1) : d + 1 < rank ? d + 1 : axis);
  return transposed(t, order);
}

std::size_t axis_of(std::int64_t axis, std::size_t rank) {
  const std::int64_t found = axis < 0 ? axis + static_cast<std::int64_t>(rank) : axis;
  if (found < 0 || found >= static_cast<std::int64_t>(rank)) throw std::runtime_error("an axis out of range");
  return static_cast<std::size_t>(found);
}

}  // namespace swarm::conformance
