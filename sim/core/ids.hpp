#pragma once
#include <compare>
#include <cstdint>

/// Strong identifiers: a site index can never be passed where a region index is meant.
namespace swarm {
inline namespace core {

template <class Tag, class Rep>
struct StrongId {
  using rep = Rep;
  Rep value{};
  friend constexpr auto operator<=>(StrongId, StrongId) = default;
};

/// Row of the scenario's region table (order of the scenario file).
using RegionId = StrongId<struct RegionTag, std::uint16_t>;
/// Row of the global site table; sites are ordered by region.
using SiteId = StrongId<struct SiteTag, std::uint32_t>;
/// Row of the weight store.
using ModelId = StrongId<struct ModelTag, std::uint32_t>;
/// Row of a region's ledger.
using AccountId = StrongId<struct AccountTag, std::uint64_t>;

/// An entity issued by a region and never reused: (region:16, local:48). The packed value is also the
/// entity word of a random key, so draws of different regions can never collide.
template <class Tag>
struct RegionalId {
  std::uint64_t packed{};
  constexpr RegionalId() = default;
  constexpr RegionalId(RegionId region, std::uint64_t local)
      : packed((std::uint64_t{region.value} << 48) | (local & 0xFFFF'FFFF'FFFFull)) {}
  constexpr RegionId region() const { return RegionId{static_cast<std::uint16_t>(packed >> 48)}; }
  constexpr std::uint64_t local() const { return packed & 0xFFFF'FFFF'FFFFull; }
  friend constexpr auto operator<=>(RegionalId, RegionalId) = default;
};

/// A specialist.
using AgentId = RegionalId<struct AgentTag>;
/// A request, numbered within (step, asking region); unique together with its step of arrival.
using RequestId = RegionalId<struct RequestTag>;

}  // namespace core
}  // namespace swarm
