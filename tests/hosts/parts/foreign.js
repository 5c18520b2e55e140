window.sale = true;
