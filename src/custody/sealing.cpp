#include "custody/sealing.hpp"

#include "base/id.hpp"

namespace vitrine::custody {
namespace {

constexpr std::size_t sealed_bytes_max = 64 << 10;

/// What the ciphertext is bound to: moved under another record's name it does not open.
std::string context_of(std::string_view record, std::string_view data_class, std::string_view zone) {
  return fmt::format("vitrine field v1\n{}\n{}\n{}\n", record, data_class, zone);
}

std::string box_text(const Label& label) {
  json::array purposes;
  for (const auto& one : label.purposes) purposes.emplace_back(one);
  const json::object object{{"ciphertext", crypto::base64(label.ciphertext)},
                            {"class", label.data_class},
                            {"guarded", label.guarded},
                            {"mask", crypto::base64(label.mask)},
                            {"number", label.number},
                            {"purposes", std::move(purposes)},
                            {"receipt_key", crypto::base64(label.receipt_key)},
                            {"record", label.record},
                            {"share", crypto::base64(label.share)},
                            {"threshold", label.threshold},
                            {"v", 1},
                            {"zone", label.zone}};
  return *canonical_json(object);
}

Result<crypto::Hash> hash_member(const json::object& object, std::string_view key) {
  VT_TRY(const auto text, text_member(object, key));
  VT_TRY(const auto bytes, crypto::from_base64(text));
  return crypto::hash_from(bytes);
}

Result<std::string> bytes_from(const json::value& value) {
  if (!value.is_string()) return fail(Errc::invalid_argument, "bytes come in base64");
  return crypto::from_base64(value.get_string());
}

Result<void> check(const Rules& rules, const Field& field, std::string_view plaintext) {
  if (!is_data_class(field.data_class)) return fail(Errc::invalid_argument, "there is no class {}", field.data_class);
  if (!rules.zones.contains(field.zone)) return fail(Errc::invalid_argument, "there is no zone {}", field.zone);
  if (plaintext.size() > field_bytes_max) return fail(Errc::too_large, "a field has at most {} bytes", field_bytes_max);
  for (const auto& purpose : field.purposes) {
    const auto rule = rules.purposes.find(purpose);
    if (rule == rules.purposes.end() || !rule->second.classes.contains(field.data_class))
      return fail(Errc::invalid_argument, "the purpose {} does not exist for {}", purpose, field.data_class);
  }
  return {};
}

}  // namespace

json::object SealedRecord::to_json() const {
  json::array list;
  for (const auto& box : boxes) list.emplace_back(crypto::base64(crypto::bytes_of(box)));
  return {{"boxes", std::move(list)},
          {"ciphertext", crypto::base64(crypto::bytes_of(ciphertext))},
          {"class", data_class},
          {"id", id},
          {"subject", subject},
          {"v", 1},
          {"zone", zone}};
}

Result<SealedRecord> read_sealed_record(const json::value& value) {
  if (!value.is_object()) return fail(Errc::invalid_argument, "a sealed record is an object");
  const auto& object = value.get_object();
  SealedRecord out;
  VT_TRY(out.id, text_member(object, "id"));
  VT_TRY(out.subject, text_member(object, "subject"));
  VT_TRY(out.data_class, text_member(object, "class"));
  VT_TRY(out.zone, text_member(object, "zone"));
  if (!is_id(out.id) || out.subject.empty() || out.subject.size() > 64 || !is_data_class(out.data_class))
    return fail(Errc::invalid_argument, "a sealed record has an id, a subject and a class of data");
  VT_TRY(const auto ciphertext, text_member(object, "ciphertext"));
  if (ciphertext.size() > sealed_bytes_max) return fail(Errc::too_large, "a sealed field is too long");
  VT_TRY(out.ciphertext, crypto::from_base64(ciphertext));
  const auto* boxes = object.if_contains("boxes");
  if (!boxes || !boxes->is_array() || boxes->get_array().size() > shares_max)
    return fail(Errc::invalid_argument, "a sealed record has a list of boxes");
  for (const auto& box : boxes->get_array()) {
    VT_TRY(out.boxes.emplace_back(), bytes_from(box));
  }
  return out;
}

Result<SealedRecord> seal(const Rules& rules, const Field& field, std::string_view plaintext, TimeMs now) {
  VT_CHECK(check(rules, field, plaintext));
  crypto::Hash key;
  crypto::random(key);
  SealedRecord out{.id = new_id(now), .subject = field.subject, .data_class = field.data_class, .zone = field.zone};
  out.ciphertext = crypto::encrypt(key, plaintext, context_of(out.id, out.data_class, out.zone));
  Label label{.record = out.id,
              .data_class = out.data_class,
              .zone = out.zone,
              .ciphertext = crypto::sha256(out.ciphertext),
              .purposes = field.purposes,
              .receipt_key = field.receipt_key,
              .guarded = field.guarded,
              .threshold = rules.threshold};
  crypto::random(label.mask);
  auto shares = split_key(key, static_cast<int>(rules.custodians.size()), rules.threshold);
  crypto::wipe(key);
  for (auto& [number, share] : shares) {
    label.number = number;
    label.share = share;
    auto text = box_text(label);
    out.boxes.push_back(crypto::seal_box(rules.custodians[static_cast<std::size_t>(number - 1)].key, text));
    crypto::wipe(text);
    crypto::wipe(share);
  }
  crypto::wipe(label.share);
  return out;
}

Result<Label> open_box(const crypto::BoxKey& key, std::string_view box) {
  VT_TRY(auto text, key.open(box));
  const auto value = parse_json(text, sealed_bytes_max);
  crypto::wipe(text);
  if (!value || !value->is_object()) return fail(Errc::invalid_argument, "a box does not hold a label");
  const auto& object = value->get_object();
  Label out;
  VT_TRY(out.record, text_member(object, "record"));
  VT_TRY(out.data_class, text_member(object, "class"));
  VT_TRY(out.zone, text_member(object, "zone"));
  VT_TRY(out.ciphertext, hash_member(object, "ciphertext"));
  VT_TRY(out.receipt_key, hash_member(object, "receipt_key"));
  VT_TRY(out.share, hash_member(object, "share"));
  VT_TRY(out.mask, hash_member(object, "mask"));
  VT_TRY(out.guarded, bool_member(object, "guarded", true));
  VT_TRY(const auto number, int_member(object, "number"));
  VT_TRY(const auto threshold, int_member(object, "threshold"));
  const auto* purposes = object.if_contains("purposes");
  if (number < 1 || number > shares_max || threshold < 1 || threshold > shares_max || !purposes ||
      !purposes->is_array())
    return fail(Errc::invalid_argument, "a box does not hold a label");
  out.number = static_cast<int>(number);
  out.threshold = static_cast<int>(threshold);
  for (const auto& purpose : purposes->get_array())
    if (purpose.is_string()) out.purposes.emplace(purpose.get_string());
  return out;
}

Result<std::string> open_record(const SealedRecord& record, const crypto::Hash& key) {
  return crypto::decrypt(key, record.ciphertext, context_of(record.id, record.data_class, record.zone));
}

std::string subject_tag(const crypto::Hash& receipt_key, std::string_view nonce) {
  const auto mac = crypto::hmac_sha256(receipt_key, crypto::bytes_of(nonce));
  return std::string(crypto::text_of(mac).substr(0, tag_bytes));
}

}  // namespace vitrine::custody
