"""The record view: what a point went through, in event time, whatever the order in which its readings came."""
