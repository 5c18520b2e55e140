window.unrelated = true;
