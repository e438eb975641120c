#include "sim/economy/exchange.hpp"

#include <algorithm>

namespace swarm {
namespace economy {
namespace {

// Orders drawn at once: they, their random blocks and their journal entries share the first-level cache.
constexpr std::size_t kOrders = 512;
// The two rules read different draws of the stream.
constexpr std::uint32_t kDrawFixed = 0, kDrawUniform = 1;

}  // namespace

RandomExchange::RandomExchange(std::uint64_t seed, std::uint32_t accounts, MicroTkn amount, ExchangeRule rule)
    : random_(seed, Stream::experiment), accounts_(accounts), amount_(amount.value), rule_(rule) {
  EXPECT(accounts >= 2 && accounts <= kMaxAccounts && amount.value >= 1);
}

void RandomExchange::draw_fixed(std::uint64_t first, std::span<Transfer> out) const {
  std::array<RandomBlock, kOrders / 2 + 1> blocks;
  while (!out.empty()) {
    const std::size_t n = std::min(out.size(), kOrders), odd = first % 2;
    const std::span<RandomBlock> drawn = std::span(blocks).first((odd + n + 1) / 2);
    random_.blocks(0, first / 2, kDrawFixed, drawn);
    const std::uint32_t* word = drawn.front().data() + 2 * odd;
    for (std::size_t k = 0; k < n; ++k) out[k] = order(word[2 * k], word[2 * k + 1], amount_);
    first += n;
    out = out.subspan(n);
  }
}

void RandomExchange::draw_uniform(std::uint64_t first, std::span<Transfer> out) const {
  std::array<RandomBlock, kOrders> blocks;
  while (!out.empty()) {
    const std::size_t n = std::min(out.size(), kOrders);
    random_.blocks(0, first, kDrawUniform, std::span(blocks).first(n));
    for (std::size_t k = 0; k < n; ++k) {
      const RandomBlock& b = blocks[k];
      // Two words for the amount: its range may exceed 32 bits.
      const std::uint64_t bits = ((std::uint64_t{b[2]} << 32) | b[3]) >> 1;
      out[k] = order(b[0], b[1], 1 + static_cast<std::int64_t>((Int128{bits} * amount_) >> 63));
    }
    first += n;
    out = out.subspan(n);
  }
}

void RandomExchange::draw(std::uint64_t first, std::span<Transfer> out) const {
  if (rule_ == ExchangeRule::fixed)
    draw_fixed(first, out);
  else
    draw_uniform(first, out);
}

std::uint64_t RandomExchange::run(Ledger& ledger, std::uint64_t exchanges) {
  EXPECT(accounts_ <= ledger.accounts());
  std::array<Transfer, kOrders> orders;
  std::uint64_t done = 0;
  for (std::uint64_t left = exchanges; left > 0;) {
    const std::span<Transfer> batch = std::span(orders).first(std::min<std::uint64_t>(left, kOrders));
    draw(position_, batch);
    done += ledger.transfer_many(batch, Posting::trade);
    position_ += batch.size();
    left -= batch.size();
  }
  return done;
}

}  // namespace economy
}  // namespace swarm
