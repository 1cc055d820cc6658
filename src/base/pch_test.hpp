// What every test program includes, compiled once.
#pragma once
#include <gtest/gtest.h>

#include "base/pch.hpp"
