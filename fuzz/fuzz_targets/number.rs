#![no_main]
rundown_fuzz::fuzz!("number");
