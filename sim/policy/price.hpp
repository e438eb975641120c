#pragma once
#include <algorithm>

#include "sim/core/checks.hpp"
#include "sim/core/units.hpp"
#include "sim/policy/rule.hpp"

/// A quote in whole µTKN, and who pays whom.
namespace swarm {
namespace policy {

/// price + grant = due + carbon + premium, exactly; none is negative.
struct Price {
  std::int64_t price = 0;    ///< what users pay
  std::int64_t grant = 0;    ///< what the justice fund adds
  std::int64_t due = 0;      ///< what the seller gets: base − renewable rebate, and what it hands on for carbon credits
  std::int64_t carbon = 0;   ///< carbon revenue
  std::int64_t premium = 0;  ///< to the justice fund
};

/// Rounds each item once, half to even, and divides the total. A discount is granted only as far as it lowers the
/// total to zero; with `granted` false there is none, and the price is higher by it.
inline Price price_of(const Items& items, bool granted) {
  const std::int64_t justice = micro_tkn_from_usd(items.justice).value;
  Price p;
  EXPECT(items.relief == 0);  // no rule grants it
  p.due = (micro_tkn_from_usd(items.base) - micro_tkn_from_usd(items.renewable) + micro_tkn_from_usd(items.credit)).value;
  p.carbon = micro_tkn_from_usd(items.carbon).value;
  p.premium = std::max<std::int64_t>(0, justice);
  const std::int64_t full = (MicroTkn{p.due} + MicroTkn{p.carbon} + MicroTkn{p.premium}).value;
  if (granted) p.grant = std::min(std::max<std::int64_t>(0, -justice), full);
  p.price = full - p.grant;
  return p;
}

/// The same where a market has agreed on `gross`, which users pay before transfer and justice: the seller hands on the
/// carbon of the site (all that was agreed on at most) and gets the transfer on top; premium and discount are those of
/// the quote, the discount at most the whole price.
inline Price price_at(std::int64_t gross, std::int64_t transfer, std::int64_t carbon, std::int64_t premium, std::int64_t grant) {
  Price p;
  p.carbon = std::min(carbon, gross);
  p.due = gross - p.carbon + transfer;
  p.premium = premium;
  p.grant = std::min(grant, gross + transfer + premium);
  p.price = gross + transfer + premium - p.grant;
  return p;
}

}  // namespace policy
}  // namespace swarm
