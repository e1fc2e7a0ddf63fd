"""The only room that asks the network; it decides no state."""
