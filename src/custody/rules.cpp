#include "custody/rules.hpp"

#include "custody/shares.hpp"

namespace vitrine::custody {
namespace {

constexpr std::string_view minor_prefix = "minor.";
constexpr std::size_t name_bytes_max = 64;
constexpr std::int64_t delay_s_max = 366LL * 86'400;

std::unexpected<Error> bad(std::string_view what) { return fail(Errc::invalid_argument, "custody rules: {}", what); }

/// Pseudonyms, zones, purposes: short, lower case, nothing that could be mistaken for something else.
bool is_word(std::string_view text) {
  return !text.empty() && text.size() <= name_bytes_max && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  });
}

Result<std::string> word_member(const json::object& object, std::string_view key) {
  VT_TRY(const auto text, text_member(object, key));
  if (!is_word(text)) return bad(fmt::format("\"{}\" is not a word of a-z, 0-9, '-', '.' and '_'", key));
  return std::string(text);
}

Result<crypto::PublicKey> key_member(const json::object& object, std::string_view key) {
  VT_TRY(const auto text, text_member(object, key));
  VT_TRY(const auto bytes, crypto::from_base64(text));
  return crypto::hash_from(bytes);
}

Result<std::int64_t> ranged(const json::object& object, std::string_view key, std::int64_t min, std::int64_t max) {
  VT_TRY(const auto value, int_member(object, key));
  if (value < min || value > max) return bad(fmt::format("\"{}\" is {} to {}", key, min, max));
  return value;
}

Result<const json::array*> array_member(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (!value || !value->is_array()) return bad(fmt::format("\"{}\" is a list", key));
  return &value->get_array();
}

Result<std::set<std::string>> words(const json::object& object, std::string_view key) {
  VT_TRY(const auto* list, array_member(object, key));
  std::set<std::string> out;
  for (const auto& one : *list) {
    if (!one.is_string() || !is_word(one.get_string())) return bad(fmt::format("\"{}\" is a list of words", key));
    out.emplace(one.get_string());
  }
  return out;
}

json::array as_array(const std::set<std::string>& of) {
  json::array out;
  for (const auto& one : of) out.emplace_back(one);
  return out;
}

json::object purpose_json(const Purpose& purpose) {
  return {{"classes", as_array(purpose.classes)},
          {"per_reader", purpose.per_reader},
          {"per_zone", purpose.per_zone},
          {"service", purpose.service},
          {"signers", purpose.signers}};
}

Result<Purpose> read_purpose(const json::value& value) {
  if (!value.is_object()) return bad("a purpose is an object");
  const auto& object = value.get_object();
  Purpose out;
  VT_TRY(out.classes, words(object, "classes"));
  for (const auto& one : out.classes)
    if (!is_data_class(one)) return bad(fmt::format("there is no class of data called {}", one));
  VT_TRY(out.per_reader, ranged(object, "per_reader", 0, 1'000'000'000));
  VT_TRY(out.per_zone, ranged(object, "per_zone", 0, 1'000'000'000));
  VT_TRY(out.service, bool_member(object, "service", false));
  VT_TRY(const auto signers, ranged(object, "signers", 0, 10));
  out.signers = static_cast<int>(signers);
  if (out.service && out.signers > 0) return bad("a purpose of a machine has no other signers");
  return out;
}

Result<void> read_custodians(const json::object& object, Rules& rules) {
  VT_TRY(const auto* list, array_member(object, "custodians"));
  std::set<std::string> names;
  for (const auto& one : *list) {
    if (!one.is_object()) return bad("a custodian is an object");
    KeyHolder holder;
    VT_TRY(holder.name, word_member(one.get_object(), "name"));
    VT_TRY(holder.key, key_member(one.get_object(), "key"));
    if (!names.insert(holder.name).second) return bad("two custodians have one name");
    rules.custodians.push_back(std::move(holder));
  }
  if (rules.custodians.empty() || rules.custodians.size() > shares_max)
    return bad(fmt::format("there are 1 to {} custodians", shares_max));
  VT_TRY(const auto threshold, ranged(object, "threshold", 1, static_cast<std::int64_t>(rules.custodians.size())));
  rules.threshold = static_cast<int>(threshold);
  return {};
}

Result<void> read_purposes(const json::object& object, Rules& rules) {
  const auto* value = object.if_contains("purposes");
  if (!value || !value->is_object()) return bad("\"purposes\" is an object");
  for (const auto& [name, purpose] : value->get_object()) {
    if (!is_word(name)) return bad("the name of a purpose is a word");
    VT_TRY(auto read, read_purpose(purpose));
    rules.purposes.emplace(name, std::move(read));
  }
  return {};
}

}  // namespace

bool is_data_class(std::string_view name) {
  if (name.starts_with(minor_prefix)) name.remove_prefix(minor_prefix.size());
  return std::ranges::find(data_classes, name) != data_classes.end();
}

bool is_class_of_minors(std::string_view data_class) { return data_class.starts_with(minor_prefix); }

std::string_view name(Role role) {
  switch (role) {
    case Role::staff: return "staff";
    case Role::overseer: return "overseer";
    case Role::service: return "service";
  }
  return "";
}

json::object Member::to_json() const {
  json::object out{{"id", id}, {"role", name(role)}, {"zone", zone}};
  if (cose_key.empty())
    out["key"] = crypto::base64(key);
  else
    out["passkey"] = crypto::base64(crypto::bytes_of(cose_key));
  return out;
}

Result<Member> read_member(const json::value& value) {
  if (!value.is_object()) return bad("a member is an object");
  const auto& object = value.get_object();
  Member out;
  VT_TRY(out.id, word_member(object, "id"));
  VT_TRY(out.zone, word_member(object, "zone"));
  VT_TRY(const auto role, text_member(object, "role"));
  if (role == "service") {
    out.role = Role::service;
    VT_TRY(out.key, key_member(object, "key"));
    return out;
  }
  if (role != "staff" && role != "overseer") return bad("a role is staff, overseer or service");
  out.role = role == "staff" ? Role::staff : Role::overseer;
  VT_TRY(const auto passkey, text_member(object, "passkey"));
  VT_TRY(out.cose_key, crypto::from_base64(passkey));
  if (out.cose_key.empty()) return bad("a person has a passkey");
  return out;
}

std::string Rules::text() const {
  json::array holders, people;
  for (const auto& one : custodians)
    holders.push_back(json::object{{"name", one.name}, {"key", crypto::base64(one.key)}});
  for (const auto& one : members) people.push_back(one.to_json());
  json::object purpose_list;
  for (const auto& [purpose, rule] : purposes) purpose_list[purpose] = purpose_json(rule);
  const json::object object{{"custodians", std::move(holders)},
                            {"delay_s", delay_s},
                            {"freshness_s", freshness_s},
                            {"log", log.text()},
                            {"members", std::move(people)},
                            {"purposes", std::move(purpose_list)},
                            {"rp_id", rp_id},
                            {"threshold", threshold},
                            {"v", 1},
                            {"witnesses", witnesses.text()},
                            {"zones", as_array(zones)}};
  const auto text = canonical_json(object);
  VT_ASSERT(text.has_value());
  return *text;
}

Result<Rules> read_rules(std::string_view text) {
  VT_TRY(const auto value, parse_json(text, rules_bytes_max));
  if (!value.is_object()) return bad("they are one object");
  const auto& object = value.get_object();
  Rules out;
  VT_TRY(const auto version, int_member(object, "v"));
  if (version != 1) return bad("\"v\" is 1");
  VT_CHECK(read_custodians(object, out));
  VT_TRY(const auto log, text_member(object, "log"));
  VT_TRY(out.log, tlog::parse_verifier_key(log));
  VT_TRY(const auto witnesses, text_member(object, "witnesses"));
  VT_TRY(out.witnesses, tlog::Policy::parse(witnesses));
  VT_TRY(out.rp_id, word_member(object, "rp_id"));
  VT_TRY(out.zones, words(object, "zones"));
  VT_TRY(out.delay_s, ranged(object, "delay_s", 0, delay_s_max));
  VT_TRY(out.freshness_s, ranged(object, "freshness_s", 1, 3'600));
  VT_CHECK(read_purposes(object, out));
  VT_TRY(const auto* members, array_member(object, "members"));
  for (const auto& one : *members) {
    VT_TRY(out.members.emplace_back(), read_member(one));
  }
  return out;
}

std::set<std::string> purposes_for(const Rules& rules, std::string_view data_class) {
  std::set<std::string> out;
  for (const auto& [name, purpose] : rules.purposes)
    if (purpose.classes.contains(std::string(data_class))) out.insert(name);
  return out;
}

std::map<std::string, Purpose> default_purposes() {
  const std::set<std::string> all = {"identity",      "contact",    "address",        "network",       "link",
                                     "payment",       "receipt",    "minor.identity", "minor.contact", "minor.address",
                                     "minor.network", "minor.link", "minor.receipt"};
  constexpr std::int64_t machine = 100'000'000, person = 200, zone = 900;
  return {
      {"self", {.classes = all, .service = true, .per_reader = machine, .per_zone = machine}},
      {"deliver-message",
       {.classes = {"contact", "minor.contact"}, .service = true, .per_reader = machine, .per_zone = machine}},
      {"account-recovery",
       {.classes = {"contact", "minor.contact"}, .service = true, .per_reader = machine, .per_zone = machine}},
      {"payout", {.classes = {"identity", "payment"}, .service = true, .per_reader = machine, .per_zone = machine}},
      {"abuse-case",
       {.classes = {"contact", "network", "link", "minor.contact", "minor.network"},
        .signers = 1,
        .per_reader = person,
        .per_zone = zone}},
      {"child-safety",
       {.classes = {"identity", "contact", "network", "minor.identity", "minor.contact", "minor.network"},
        .signers = 1,
        .per_reader = person,
        .per_zone = zone}},
      {"threat-to-life",
       {.classes = {"identity", "contact", "address", "minor.identity", "minor.contact", "minor.address"},
        .signers = 1,
        .per_reader = person,
        .per_zone = zone}},
      {"legal-demand",
       {.classes = {"identity", "contact", "address", "network", "payment"},
        .signers = 2,
        .per_reader = person,
        .per_zone = zone}},
  };
}

}  // namespace vitrine::custody
