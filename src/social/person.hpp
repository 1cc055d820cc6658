// Somebody, as others see them beside what they wrote or did.
#pragma once
#include <string>

namespace vitrine::social {

struct Person {
  std::string id, handle, display_name;
};

}  // namespace vitrine::social
