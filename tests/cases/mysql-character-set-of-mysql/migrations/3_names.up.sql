SET NAMES 'utf-8';
