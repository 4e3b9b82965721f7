"""Networks that several engines share, as plain synchronous code; imported in engine children only."""
